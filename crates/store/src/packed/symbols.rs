//! The table with which texts are packed. The texts in mirrors depend on it: a change needs a new
//! version of `schema.sql`, and must pack all texts again.
//!
//! The table was made from English chats about programming: first the pieces that save most, found
//! by counting, and then, in thousands of trials, better ones as replacements for the least useful.
//! Names that occur only in those chats were left out.

/// The pieces; the index of each is its code.
pub const SYMBOLS: [&str; 254] = [
    "\n", " ", "    ", " - ", " = ", " a", " and ", " b", " c", " f", " for ", " from ", " i",
    " if ", " in ", " is ", " more ", " of ", " s", " some", " t", " that ", " the ", " to ", " w",
    " you", " { ", "!", "\"", "#", "$", "'", "(", ")", "*", "+", "++ ", ", ", ", but ", "-", ".",
    ". ", "...", ".com/", "/", "0", "1", "2", "20", "3", "4", "5", "6", "7", "8", "9", ":", ": ",
    "; ", "<", "=", "> ", "?", "@", "A", "B", "C", "D", "E", "I", "I ", "L", "M", "N", "O", "P",
    "R", "S", "T", "V", "W", "_", "```", "a", "a ", "able", "about ", "ac", "ad", "al", "all",
    "ally ", "an", "an ", "and ", "ar", "ar ", "as", "ast", "at", "b", "be", "be ", "bu", "c",
    "ca", "ce", "ch", "ck", "co", "comm", "comp", "ct", "d", "d ", "de", "di", "do", "e", "e ",
    "ed", "ed ", "ed to ", "en", "er", "es", "es ", "ex", "f", "fi", "for ", "g", "ge", "github",
    "h", "ha", "have ", "he", "https://", "i", "ic", "ight", "il", "in", "in ", "ing", "ing ",
    "int", "is", "is ", "it", "it ", "it's ", "j", "just ", "k", "ke", "l", "la", "le", "li",
    "like ", "ll ", "lo", "ly ", "m", "m ", "m: ", "ma", "me", "ment", "mp", "my ", "n", "n ",
    "n't ", "ne", "no", "not ", "nt", "o", "of ", "on", "on ", "oo", "op", "or", "ou", "ough",
    "ould", "p", "pa", "pe", "per", "po", "pro", "q", "r", "r ", "ra", "re", "re ", "ri", "ro",
    "s", "s ", "say ", "se", "sh", "si", "so ", "ss", "st", "su", "t", "t ", "te", "ter", "test",
    "th", "that ", "that's ", "the", "the ", "there", "thing ", "think ", "this ", "ti", "tion",
    "to ", "tr", "u", "un", "ur", "us", "use ", "v", "ve", "ver", "w", "w ", "wa", "we", "what ",
    "which ", "with ", "work", "x", "y", "y ", "you ", "z", "}",
];

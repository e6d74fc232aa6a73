//! Parses the beginnings of messages, whose date format depends on the phone's language.

use jiff::civil::{Date, Time};

/// The beginning of a message.
#[derive(Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The three numbers of its date.
    pub date: [i16; 3],
    /// Its time, if it is valid.
    pub time: Option<Time>,
    /// The rest of the line.
    pub rest: &'a str,
}

/// The order of a date's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    DayMonthYear,
    MonthDayYear,
    YearMonthDay,
}

pub fn is_invisible_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}')
}

/// Parses the beginning of a message, if the line has one.
pub fn header(line: &str) -> Option<Header<'_>> {
    let line = line.trim_start_matches(is_invisible_mark);
    let (line, is_bracketed) = match line.strip_prefix('[') {
        Some(line) => (line, true),
        None => (line, false),
    };
    let mut rest = line;
    let mut date = [0; 3];
    let mut separator = None;
    for (at, number) in date.iter_mut().enumerate() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if !(1..=4).contains(&digits) {
            return None;
        }
        *number = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        if at < 2 {
            let c = rest.chars().next().filter(|c| "/.-".contains(*c))?;
            if separator.is_some_and(|separator| separator != c) {
                return None;
            }
            separator = Some(c);
            rest = rest[1..].trim_start_matches(' ');
        }
    }
    let end = if is_bracketed { rest.find(']')? } else { rest.find(" - ")? };
    let (time, rest) = (&rest[..end], &rest[end + if is_bracketed { 1 } else { 3 }..]);
    let looks_like_time = time.contains([':', '.']) && time.len() <= 40;
    looks_like_time.then(|| Header {
        date,
        time: parse_time(time),
        rest: rest.strip_prefix(' ').unwrap_or(rest),
    })
}

/// Parses a time of day on a 12- or 24-hour clock, in several languages.
pub fn parse_time(text: &str) -> Option<Time> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let numbers = &text[start..];
    let end = numbers
        .find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.')
        .unwrap_or(numbers.len());
    let words: String =
        numbers[end..].chars().chain(text[..start].chars()).filter(|c| c.is_alphabetic()).collect();
    let parts = numbers[..end].trim_end_matches('.').split([':', '.']);
    let parts: Vec<i8> = parts.map(str::parse).collect::<Result<_, _>>().ok()?;
    let (mut hour, minute) = (*parts.first()?, *parts.get(1)?);
    let second = parts.get(2).copied().unwrap_or(0);
    match words.to_lowercase().as_str() {
        "pm" | "nachm" | "μμ" | "م" | "下午" | "午後" | "오후" if hour < 12 => hour += 12,
        "am" | "vorm" | "πμ" | "ص" | "上午" | "午前" | "오전" if hour == 12 => hour = 0,
        _ => {}
    }
    Time::new(hour, minute, second, 0).ok()
}

pub fn date([a, b, c]: [i16; 3], order: Order) -> Option<Date> {
    let (year, month, day) = match order {
        Order::DayMonthYear => (c, b, a),
        Order::MonthDayYear => (c, a, b),
        Order::YearMonthDay => (a, b, c),
    };
    let year = if year < 100 { year + 2000 } else { year };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Returns the order of the numbers in a file's dates, and whether it is certain: the order in which most dates are
/// valid, and among those the one in which dates decrease least often.
pub fn order(dates: &[[i16; 3]]) -> (Order, bool) {
    let rank = |order: Order| {
        let read: Vec<_> = dates.iter().filter_map(|item| date(*item, order)).collect();
        let decreases = read.windows(2).filter(|pair| pair[1] < pair[0]).count();
        (dates.len() - read.len(), decreases)
    };
    // If any date begins with a number up to 12, all are taken to begin with a day or month: dates that
    // begin with a two-digit year are rare, and have had greater numbers since 2013.
    let can_be_year = dates.iter().all(|date| date[0] > 12);
    let orders: &[Order] = match can_be_year {
        true => &[Order::DayMonthYear, Order::MonthDayYear, Order::YearMonthDay],
        false => &[Order::DayMonthYear, Order::MonthDayYear],
    };
    let ranks: Vec<_> = orders.iter().map(|order| rank(*order)).collect();
    let best = *ranks.iter().min().unwrap_or(&(0, 0));
    let first = ranks.iter().position(|rank| *rank == best).unwrap_or(0);
    let is_certain = ranks.iter().filter(|rank| **rank == best).count() == 1;
    (orders[first], is_certain)
}

#[cfg(test)]
mod tests {
    use super::super::file::{attached_file, is_omitted};
    use super::*;

    #[test]
    fn headers_of_all_languages_are_parsed() {
        let time =
            |text: &str| header(text).and_then(|header| header.time).map(|time| time.to_string());
        for (line, at) in [
            ("[13/11/2025, 12:25:55\u{202f}PM] Ada: x", "12:25:55"),
            ("[13/11/2025, 9:09:43\u{202f}AM] Ada: x", "09:09:43"),
            ("01/12/24, 10:00 - Ada: x", "10:00:00"),
            ("1/1/21, 12:00 AM - Ada: x", "00:00:00"),
            ("23/06/2018, 1:55 p.m. - Ada: x", "13:55:00"),
            ("23/06/2018, 1:56 p. m. - Ada: x", "13:56:00"),
            ("15.04.2016, 15:04 - Ada: x", "15:04:00"),
            ("2024/12/10, 14:30 - Ada: x", "14:30:00"),
            ("10-12-2024, 14:30 - Ada: x", "14:30:00"),
            ("[15-01-20 02:22:56] Ada: x", "02:22:56"),
            ("\u{200e}[07.08.18, 22:42:50] Ada: x", "22:42:50"),
            ("1.2.2024 klo 13.05 - Ada: x", "13:05:00"),
        ] {
            assert_eq!(time(line).as_deref(), Some(at), "{line}");
        }
        assert!(header("1/2/2024 is a good day - really").is_none());
        assert!(
            header("text").is_none() && header("").is_none() && header("10:00 - a: b").is_none()
        );
    }

    #[test]
    fn the_order_of_dates_is_detected_from_the_whole_file() {
        assert_eq!(order(&[[1, 2, 2024], [13, 2, 2024]]), (Order::DayMonthYear, true));
        assert_eq!(order(&[[1, 2, 24], [1, 13, 24]]), (Order::MonthDayYear, true));
        assert_eq!(order(&[[2024, 1, 2]]), (Order::YearMonthDay, true));
        assert_eq!(order(&[[1, 5, 24], [1, 9, 24], [2, 3, 24]]), (Order::MonthDayYear, true));
        assert_eq!(order(&[[1, 1, 24]]), (Order::DayMonthYear, false));
        assert_eq!(order(&[[15, 1, 20], [15, 2, 3]]), (Order::YearMonthDay, true));
    }

    #[test]
    fn attached_files_are_distinguished_from_text() {
        assert_eq!(
            attached_file("IMG-1.jpg (file attached)\nhi"),
            Some(("IMG-1.jpg".to_owned(), "hi"))
        );
        assert_eq!(
            attached_file("\u{200e}<attached: 0001-PHOTO.jpg>"),
            Some(("0001-PHOTO.jpg".to_owned(), ""))
        );
        assert_eq!(attached_file("see a.rs (new)"), None);
        for text in
            ["<Media omitted>", "\u{200e}image omitted", "<Medien ausgelassen>", "<メディアなし>"]
        {
            assert!(is_omitted(text), "{text}");
        }
        assert!(!is_omitted("I omitted") && !is_omitted("<b>"));
    }
}

//! The samples of the fuzz targets (`fuzz/samples/TARGET/`), for ordinary tests: first each sample
//! as it is, and then samples mutated in the ways of a fuzzer, the same in every run. This finds
//! less than a fuzzer, and keeps the targets working. Also checks that a parser takes linear time.

mod repeated;

pub use repeated::assert_linear;

use std::path::{Path, PathBuf};

/// Pieces of text on which parsers often fail.
const TRICKY_PIECES: &[&str] = &[
    "\0",
    "\u{1}",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "-1",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e999",
    "null",
    "true",
    "\\u0000",
    "\\ud800",
    "\u{202e}",
    "\u{200b}",
    "\u{10ffff}",
    "e\u{301}",
    "漢",
    "ﬁ",
    "K",
    "İ",
    "../",
    "%00",
    "&",
    "=",
    "#",
    "://",
    "@",
    "\n",
    "\r\n",
    "\t",
    "*",
    "**",
    "`",
    "```",
    "|",
    "<",
    ">",
    "~~",
    "(",
    "00000000-0000",
];
/// Maximum length of an input, in bytes, unless a sample is longer.
const MAX_BYTES: usize = 4096;

/// Runs a target on all of its samples, and then on `count` mutated inputs.
///
/// # Panics
/// Panics if the target has no samples, and when the target does.
pub fn run_samples(target: &str, count: usize, run: impl Fn(&[u8])) {
    let samples = samples(target);
    samples.iter().for_each(|sample| run(sample));
    let mut rng = Rng(target.bytes().fold(0x9e37_79b9_7f4a_7c15, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }));
    for _ in 0..count {
        let mut input = samples[rng.below(samples.len())].clone();
        for _ in 0..=rng.below(4) {
            mutate(&mut input, &samples, &mut rng);
        }
        run(&input);
    }
}

fn samples(target: &str) -> Vec<Vec<u8>> {
    let folder = root().join("samples").join(target);
    let entries = std::fs::read_dir(&folder).map(|entries| entries.flatten()).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no samples in {}", folder.display());
    paths.iter().map(|path| std::fs::read(path).expect("it was listed")).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn mutate(input: &mut Vec<u8>, samples: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.below(input.len() + 1);
    let end = at + rng.below((input.len() - at).min(32) + 1);
    match rng.below(7) {
        0 if at < input.len() => input[at] ^= 1 << rng.below(8),
        1 if at < input.len() => input[at] = u8::try_from(rng.below(256)).unwrap_or(0),
        2 => drop(input.drain(at..end)),
        3 => {
            let part = input[at..end].to_vec();
            let times = 1 + rng.below(8);
            input.splice(at..at, part.repeat(times));
        }
        4 => {
            let other = &samples[rng.below(samples.len())];
            let from = rng.below(other.len() + 1);
            input.splice(at.., other[from..].iter().copied());
        }
        5 => input.truncate(at),
        _ => {
            let piece = TRICKY_PIECES[rng.below(TRICKY_PIECES.len())].bytes();
            let until = if rng.below(2) == 0 { at } else { end };
            input.splice(at..until, piece);
        }
    }
    input.truncate(MAX_BYTES.max(samples.iter().map(Vec::len).max().unwrap_or(0)));
}

/// Random numbers: Marsaglia's xorshift with Vigna's multiplication.
struct Rng(u64);

impl Rng {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or(0) % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn every_fuzz_target_has_samples_and_is_built() {
        let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        for entry in std::fs::read_dir(root().join("fuzz_targets")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(!samples(name).is_empty());
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        }
    }

    #[test]
    fn the_inputs_are_the_same_in_every_run() {
        let run_inputs = || {
            let inputs = RefCell::new(Vec::new());
            run_samples("op", 50, |input| inputs.borrow_mut().push(input.to_vec()));
            inputs.into_inner()
        };
        let (first, second) = (run_inputs(), run_inputs());
        assert_eq!(first, second);
        assert!(first.len() > 50 && first.iter().any(|input| std::str::from_utf8(input).is_ok()));
    }
}

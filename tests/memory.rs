//! Searches the memory of another process.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

const PAGE: u64 = 4096;
/// Number of pages whose presence is looked up at a time.
const PAGES: u64 = 1 << 16;

/// Returns the child processes of a process, and their descendants.
pub fn children(process: u32) -> Vec<u32> {
    let mut all = Vec::new();
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    for task in tasks {
        let children_text =
            std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for child in children_text.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            all.push(child);
            all.extend(children(child));
        }
    }
    all
}

/// Returns how often `bytes` occur in the writable memory of a process. An occurrence that crosses
/// the boundary between two ranges of present pages is not found.
pub fn count(process: u32, bytes: &[u8]) -> usize {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).expect("Linux");
    let mut pagemap = File::open(format!("/proc/{process}/pagemap")).expect("its pages");
    let mut memory = File::open(format!("/proc/{process}/mem")).expect("its memory");
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw-")) {
        let (low, high) =
            line.split(' ').next().and_then(|ends| ends.split_once('-')).expect("ends");
        let [mut address, end] =
            [low, high].map(|end| u64::from_str_radix(end, 16).expect("an address"));
        // A browser reserves far more address space than it uses.
        while address < end {
            let pages = ((end - address) / PAGE).min(PAGES);
            for (first, count) in present(&mut pagemap, address / PAGE, pages) {
                let mut block = vec![0; usize::try_from(count * PAGE).expect("a piece")];
                let sought = memory.seek(SeekFrom::Start(first * PAGE));
                if sought.is_ok() && memory.read_exact(&mut block).is_ok() {
                    found += memchr::memmem::find_iter(&block, bytes).count();
                }
            }
            address += pages * PAGE;
        }
    }
    found
}

/// Returns the ranges of pages that are in memory or swapped out (bits 63 and 62 of the kernel's
/// pagemap.rst): the first page of each, and the number of pages.
fn present(pagemap: &mut File, first: u64, pages: u64) -> Vec<(u64, u64)> {
    let mut entries = vec![0; usize::try_from(pages * 8).expect("entries")];
    let sought = pagemap.seek(SeekFrom::Start(first * 8));
    if sought.is_err() || pagemap.read_exact(&mut entries).is_err() {
        return Vec::new();
    }
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for (page, entry) in (first..).zip(entries.chunks_exact(8)) {
        if entry[7] & 0b1100_0000 == 0 {
            continue;
        }
        match ranges.last_mut() {
            Some((from, count)) if *from + *count == page => *count += 1,
            _ => ranges.push((page, 1)),
        }
    }
    ranges
}

//! The resources that a process and its children use, as Linux counts them.

use std::path::PathBuf;

/// A process with its children.
pub struct Process(pub u32);

/// The kernel counts time in hundredths of a second on every system that we know.
const TICKS_PER_SECOND: f64 = 100.0;

impl Process {
    /// Returns the processor time used since the process started, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        self.all().iter().filter_map(|pid| ticks(*pid)).sum::<f64>() / TICKS_PER_SECOND
    }

    /// Returns the memory in use, in bytes. Shared memory is counted in proportion (PSS).
    pub fn memory_bytes(&self) -> u64 {
        self.all().iter().filter_map(|pid| pss(*pid)).sum()
    }

    fn all(&self) -> Vec<u32> {
        let mut all = vec![self.0];
        let mut next = 0;
        while let Some(pid) = all.get(next).copied() {
            next += 1;
            let children = read(pid, &format!("task/{pid}/children")).unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
        }
        all
    }
}

fn read(pid: u32, what: &str) -> Option<String> {
    std::fs::read_to_string(PathBuf::from(format!("/proc/{pid}")).join(what)).ok()
}

/// Returns the sum of user and system time, the 14th and 15th field. The 2nd field may contain
/// spaces.
fn ticks(pid: u32) -> Option<f64> {
    let stat = read(pid, "stat")?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn pss(pid: u32) -> Option<u64> {
    let rollup = read(pid, "smaps_rollup")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

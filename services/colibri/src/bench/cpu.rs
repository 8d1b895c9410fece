//! CPU time and memory of processes, from `/proc`.

use anyhow::Context as _;

/// Clock ticks per second of `/proc`: fixed at 100 on Linux's user interface.
const TICKS: f64 = 100.0;

fn stat(pid: u32) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("read /proc")?;
    // The name in parentheses may hold spaces: fields count from after it.
    let rest = text.rsplit_once(')').map(|(_, rest)| rest).context("read /proc")?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}

/// CPU seconds of a process (user and system).
pub fn seconds(pid: u32) -> anyhow::Result<f64> {
    let fields = stat(pid)?;
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    Ok((ticks(11) + ticks(12)) / TICKS)
}

/// CPU seconds of a process and of its children that are alive.
pub fn seconds_of_tree(pid: u32) -> anyhow::Result<f64> {
    let mut sum = seconds(pid)?;
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let child = entry.file_name().to_string_lossy().parse::<u32>().ok();
        if let Some(child) = child
            && stat(child).is_ok_and(|f| f.get(1).is_some_and(|ppid| *ppid == pid.to_string()))
        {
            sum += seconds_of_tree(child).unwrap_or(0.0);
        }
    }
    Ok(sum)
}

/// CPU seconds of this process.
pub fn own() -> f64 {
    seconds(std::process::id()).unwrap_or(0.0)
}

/// Resident memory of a process in MiB.
pub fn resident_mib(pid: u32) -> anyhow::Result<f64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).context("VmRSS")?;
    let kib = line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok());
    Ok(kib.context("VmRSS")? / 1024.0)
}

//! What a killed predecessor left: the lock on a directory, and servers that outlived it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::error::StartError;
use crate::poll::poll;

/// An orphan may be busy with its last flush; past this it is killed.
const END_LIMIT: Duration = Duration::from_secs(10);

/// Locks `dir` for this process, until the file is dropped. The kernel frees the lock of a killed
/// process and children do not inherit it, so who gets it knows that every server still running
/// on the directory is an orphan.
pub(crate) fn lock(dir: &Path) -> Result<File, StartError> {
    let path = dir.join("lock");
    let io = |source| StartError::Io { what: "lock", path: path.clone(), source };
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = file.map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::InUse { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// Ends every process named `program` that has `marker` among its arguments: first with `gentle`,
/// then by force, and returns when they are gone.
///
/// Process ids are not remembered in a file: such a file can be missing (killed between start and
/// write) or wrong (the id belongs to somebody else by now). The arguments cannot.
pub(crate) fn end_orphans(
    program: &str,
    marker: &Path,
    gentle: Signal,
) -> Result<usize, StartError> {
    let orphans = find(program, marker);
    for pid in &orphans {
        let mut family = children_of(*pid);
        family.push(*pid);
        kill(*pid, gentle);
        // A stopped process hears nothing but this.
        kill(*pid, Signal::CONT);
        if !wait_gone(*pid, END_LIMIT) {
            family.iter().for_each(|member| kill(*member, Signal::KILL));
        }
        if !family.iter().all(|member| wait_gone(*member, END_LIMIT)) {
            return Err(StartError::Held { pid: *pid, dir: marker.to_owned() });
        }
    }
    Ok(orphans.len())
}

fn find(program: &str, marker: &Path) -> Vec<u32> {
    let own = std::process::id();
    processes()
        .filter(|pid| *pid != own)
        .filter(|pid| {
            let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else {
                return false;
            };
            let mut arguments = line.split(|byte| *byte == 0);
            let name = arguments.next().and_then(|path| path.rsplit(|byte| *byte == b'/').next());
            name == Some(program.as_bytes())
                && arguments.any(|argument| argument == marker.as_os_str().as_bytes())
        })
        .collect()
}

/// The living processes whose parent is `pid`.
pub(crate) fn children_of(pid: u32) -> Vec<u32> {
    processes().filter(|child| matches!(stat(*child), Some((_, parent)) if parent == pid)).collect()
}

/// Whether process `pid` runs (one that is dead but not yet reaped does not).
pub(crate) fn alive(pid: u32) -> bool {
    matches!(stat(pid), Some((state, _)) if !matches!(state, 'Z' | 'X'))
}

/// Signals `pid`; that it has gone meanwhile is as good.
pub(crate) fn kill(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Waits until `pid` runs no more; false when it still does after `limit`.
pub(crate) fn wait_gone(pid: u32, limit: Duration) -> bool {
    let gone = poll(limit, || Ok::<_, io::Error>((!alive(pid)).then_some(())));
    matches!(gone, Ok(Some(())))
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").ok();
    entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// State letter and parent of `pid`. The name before them may hold spaces and brackets.
fn stat(pid: u32) -> Option<(char, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.get(text.rfind(')')? + 1..)?.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::process::Command;

    #[test]
    fn a_child_is_seen_alive_then_gone() {
        let mut child = Command::new("/bin/sh").args(["-c", "read x"]).stdin_piped().unwrap();
        let pid = child.id();
        assert!(alive(pid));
        assert!(children_of(std::process::id()).contains(&pid));
        child.kill().unwrap();
        assert!(wait_gone(pid, END_LIMIT), "a zombie does not count as running");
        child.wait().unwrap();
    }

    #[test]
    fn only_the_named_program_with_the_very_argument_is_ended() {
        let marker = Path::new("/nowhere/colibri-marker-of-this-test");
        let mut child = Command::new("/bin/sh")
            .args(["-c", "read x", "sh", "/nowhere/colibri-marker-of-this-test"])
            .stdin_piped()
            .unwrap();
        // A new program has no arguments to be seen until the kernel has copied them.
        let seen = || Ok::<_, io::Error>((find("sh", marker) == [child.id()]).then_some(()));
        assert_eq!(poll(END_LIMIT, seen).unwrap(), Some(()));
        assert_eq!(end_orphans("nats-server", marker, Signal::TERM).unwrap(), 0);
        assert_eq!(end_orphans("sh", Path::new("/nowhere"), Signal::TERM).unwrap(), 0);
        assert!(alive(child.id()));
        assert_eq!(end_orphans("sh", marker, Signal::TERM).unwrap(), 1);
        assert!(!alive(child.id()));
        child.wait().unwrap();
    }

    trait StdinPiped {
        fn stdin_piped(&mut self) -> io::Result<std::process::Child>;
    }

    impl StdinPiped for Command {
        fn stdin_piped(&mut self) -> io::Result<std::process::Child> {
            self.stdin(std::process::Stdio::piped()).spawn()
        }
    }
}

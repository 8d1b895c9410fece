//! Places where a process may be made to die, to prove that nothing is lost when it does.
//!
//! In a release build without the feature `crash-points` a point is an empty inlined call. In debug
//! builds, which tests run, and with the feature, the variable
//! `COLIBRI_CRASH_AT=<name>[:<n>][:pause]` arms one point: at its n-th hit (first when absent) the
//! process aborts, so no destructor runs and nothing is flushed; with `pause` it stops itself, as a
//! virtual machine being moved does, until somebody sends SIGCONT.
//!
//! In the same builds `COLIBRI_WITHOUT=<name>` switches one safeguard off: tests show with it that
//! they would notice its absence. A release has no such switch.

/// Marks a step after which a crash must be harmless: `crash_point!("relay.published")`.
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {
        $crate::crash::hit($name)
    };
}

/// Does nothing: the feature `crash-points` is off.
#[cfg(not(any(feature = "crash-points", debug_assertions)))]
#[inline(always)]
pub fn hit(_name: &'static str) {}

/// Every safeguard is there: the feature `crash-points` is off.
#[cfg(not(any(feature = "crash-points", debug_assertions)))]
#[inline(always)]
pub const fn without(_safeguard: &str) -> bool {
    false
}

#[cfg(any(feature = "crash-points", debug_assertions))]
pub use armed::{hit, names, without};

#[cfg(any(feature = "crash-points", debug_assertions, test))]
#[cfg_attr(
    not(any(feature = "crash-points", debug_assertions)),
    allow(dead_code, reason = "without the feature only its parser is tested")
)]
mod armed {
    use std::{
        collections::BTreeSet,
        process::Command,
        sync::{LazyLock, Mutex, PoisonError, atomic::AtomicU64, atomic::Ordering},
    };

    /// What happens at the armed point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Action {
        Abort,
        Pause,
    }

    /// One armed point.
    #[derive(Debug)]
    pub(super) struct Armed {
        name: String,
        at: u64,
        action: Action,
        hits: AtomicU64,
    }

    impl Armed {
        /// Reads `<name>[:<n>][:pause]`; `None` for anything else.
        pub(super) fn parse(text: &str) -> Option<Self> {
            let mut parts = text.split(':');
            let name = parts.next().filter(|name| !name.is_empty())?.to_owned();
            let (mut at, mut action) = (1, Action::Abort);
            for part in parts {
                match part {
                    "pause" => action = Action::Pause,
                    "abort" => action = Action::Abort,
                    n => at = n.parse().ok().filter(|n| *n > 0)?,
                }
            }
            let hits = AtomicU64::new(0);
            Some(Self { name, at, action, hits })
        }

        /// The action when this hit is the one waited for.
        pub(super) fn hit(&self, name: &str) -> Option<Action> {
            if self.name != name {
                return None;
            }
            let n = self.hits.fetch_add(1, Ordering::Relaxed) + 1;
            (n == self.at).then_some(self.action)
        }
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let text = crate::config::variable("COLIBRI_CRASH_AT")?;
        let armed = Armed::parse(&text);
        if armed.is_none() {
            tracing::error!("crash point not armed: the text is not name[:n][:pause]");
        }
        armed
    });

    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

    /// Dies or stops here when this is the armed point.
    pub fn hit(name: &'static str) {
        NAMES.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        match ARMED.as_ref().and_then(|armed| armed.hit(name)) {
            Some(Action::Abort) => std::process::abort(),
            Some(Action::Pause) => pause(),
            None => {}
        }
    }

    static WITHOUT: LazyLock<Option<String>> =
        LazyLock::new(|| crate::config::variable("COLIBRI_WITHOUT"));

    /// Whether a test has switched this safeguard off, to see that it would be missed.
    #[must_use]
    pub fn without(safeguard: &str) -> bool {
        WITHOUT.as_deref() == Some(safeguard)
    }

    /// The points this process has passed: the driver checks that it knows them all.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        let names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().copied().collect()
    }

    /// SIGSTOP cannot be raised on oneself without unsafe code: a child sends it.
    fn pause() {
        let pid = std::process::id().to_string();
        let sent = Command::new("kill").args(["-STOP", &pid]).status();
        if !sent.is_ok_and(|status| status.success()) {
            tracing::error!("crash point could not stop the process");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::armed::{Action, Armed};

    #[test]
    fn the_nth_hit_of_the_armed_name_acts_once() {
        let armed = Armed::parse("relay.published:2").unwrap();
        assert_eq!(armed.hit("relay.numbered"), None);
        assert_eq!(armed.hit("relay.published"), None);
        assert_eq!(armed.hit("relay.published"), Some(Action::Abort));
        assert_eq!(armed.hit("relay.published"), None);
    }

    #[test]
    fn pause_and_the_first_hit_are_understood() {
        let armed = Armed::parse("worker.sent:pause").unwrap();
        assert_eq!(armed.hit("worker.sent"), Some(Action::Pause));
        let third = Armed::parse("a:3:pause").unwrap();
        assert_eq!((third.hit("a"), third.hit("a")), (None, None));
        assert_eq!(third.hit("a"), Some(Action::Pause));
    }

    #[test]
    fn a_text_that_names_no_point_arms_nothing() {
        for bad in ["", ":2", "a:0", "a:x", "a:-1"] {
            assert!(Armed::parse(bad).is_none(), "{bad}");
        }
    }

    /// Run in a child process by the test below.
    #[cfg(feature = "crash-points")]
    #[test]
    #[ignore = "dies on purpose"]
    fn pass_twice() {
        crate::crash_point!("test.point");
        assert_eq!(super::names(), ["test.point"]);
        crate::crash_point!("test.point");
    }

    #[cfg(feature = "crash-points")]
    #[test]
    fn the_process_dies_at_the_armed_hit_and_nowhere_else() {
        use std::os::unix::process::ExitStatusExt as _;
        const SIGABRT: i32 = 6;
        let run = |armed: &str| {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "crash::tests::pass_twice", "--ignored"])
                .env("COLIBRI_CRASH_AT", armed)
                .stdout(std::process::Stdio::null())
                .status()
                .unwrap()
        };
        assert_eq!(run("test.point:2").signal(), Some(SIGABRT));
        assert!(run("test.point:3").success());
        assert!(run("test.other").success());
    }
}

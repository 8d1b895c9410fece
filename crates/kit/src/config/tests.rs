#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::*;

const LABELS: &str = r#"
# How many at once.
workers = 4
carrier = "gls"
lanes = ["a"]
#api_key = "k"
#note = "text"
[limits]
weight_g_max = 30000
[urls]
#* = "https://example"
"#;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    workers: u32,
    carrier: String,
    lanes: Vec<String>,
    api_key: Option<secrecy::SecretString>,
    note: Option<String>,
    limits: Limits,
    urls: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Limits {
    weight_g_max: u32,
}

fn load(file: Option<&str>, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let path = file.map(|text| {
        let name = format!("colibri-config-{}.toml", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    let config = Config::load(&[("labels", LABELS)], path.as_deref(), env);
    if let Some(path) = path {
        std::fs::remove_file(path).unwrap();
    }
    config
}

fn refused(result: Result<Config, ConfigError>) -> Vec<String> {
    match result {
        Err(ConfigError::Refused(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shipped_defaults_are_valid_and_complete() {
    let kit = load(None, &[]).unwrap().kit().unwrap();
    assert_eq!(kit.profile, Profile::Production);
    assert_eq!(kit.db.log_pool_max, 10);
    assert!(kit.otlp_endpoint.is_none() && kit.peers.is_empty());
}

#[test]
fn environment_wins_over_file_over_defaults() {
    let file = "[labels]\nworkers = 8\ncarrier = \"dpd\"\n[labels.limits]\nweight_g_max = 1\n";
    let env = [
        ("COLIBRI_LABELS__CARRIER", "ups"),
        ("COLIBRI_LABELS__API_KEY", "s3cret"),
        ("COLIBRI_LABELS__LANES", "x, y"),
        ("COLIBRI_LABELS__URLS__GLS", "http://127.0.0.1"),
        ("COLIBRI_KIT__DB__LOG_POOL_MAX", "7"),
        ("COLIBRI_CRASH_AT", "not ours"),
        ("PATH", "/bin"),
    ];
    let config = load(Some(file), &env).unwrap();
    let labels: Labels = config.section("labels").unwrap();
    assert_eq!((labels.workers, labels.carrier.as_str()), (8, "ups"));
    assert_eq!(labels.limits.weight_g_max, 1);
    assert_eq!(labels.lanes, ["x", "y"]);
    assert_eq!(labels.urls["gls"], "http://127.0.0.1");
    assert_eq!(labels.api_key.unwrap().expose_secret(), "s3cret");
    assert!(labels.note.is_none());
    assert_eq!(config.kit().unwrap().db.log_pool_max, 7);
    let origin = Origin::Env("COLIBRI_LABELS__CARRIER".to_owned());
    assert_eq!(*config.origin("labels.carrier"), origin);
    assert!(matches!(config.origin("labels.workers"), Origin::File(_)));
}

#[test]
fn unknown_keys_are_all_named_with_a_suggestion_and_their_origin() {
    let file = "[labels]\nworker = 8\n[lables]\nx = 1\n";
    let problems = refused(load(Some(file), &[("COLIBRI_KIT__DB__LOG_POL_MAX", "1")]));
    assert_eq!(problems.len(), 3, "{problems:?}");
    let text = problems.join("\n");
    assert!(text.contains("unknown key labels.worker ("), "{text}");
    assert!(text.contains("did you mean labels.workers?"), "{text}");
    assert!(text.contains("did you mean labels?"), "{text}");
    let env = "unknown key kit.db.log_pol_max (COLIBRI_KIT__DB__LOG_POL_MAX), \
               did you mean kit.db.log_pool_max?";
    assert!(text.contains(env), "{text}");
}

#[test]
fn a_key_unlike_any_gets_no_suggestion() {
    let problems = refused(load(Some("[labels]\nzzzzzz = 8\n"), &[]));
    assert!(!problems[0].contains("did you mean"), "{problems:?}");
}

#[test]
fn a_wrong_type_is_refused_without_its_value() {
    let env = [
        ("COLIBRI_LABELS__WORKERS", "hunter2"),
        ("COLIBRI_KIT__RPC__REFLECTION", "yes"),
        ("COLIBRI_LABELS__LIMITS", "5"),
        ("COLIBRI_KIT__DRAIN_TIMEOUT_S", "1\ny = 2"),
    ];
    let problems = refused(load(Some("[labels]\ncarrier = 5\n"), &env));
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert!(!problems.join(" ").contains("hunter2"));
}

#[test]
fn a_description_shows_no_secret() {
    let env = [
        ("COLIBRI_LABELS__API_KEY", "s3cret"),
        ("COLIBRI_KIT__DATABASE_URL", "postgres://me:s3cret@db:5432/x?password=s3cret"),
        ("COLIBRI_KIT__NATS_URL", "nats://u:s3cret@a,nats://b?y=1"),
    ];
    let config = load(None, &env).unwrap();
    let text = config.describe();
    assert!(!text.contains("s3cret"), "{text}");
    assert!(!format!("{config:?} {:?}", config.kit().unwrap()).contains("s3cret"));
    assert!(text.contains("labels.api_key = ***  # COLIBRI_LABELS__API_KEY"));
    assert!(text.contains("\"postgres://***@db:5432/x?***\""), "{text}");
    assert!(text.contains("\"nats://***@a,nats://b?y=1\""), "{text}");
    assert!(text.contains("kit.db.log_pool_max = 10  # default"));
}

#[test]
fn rules_between_values_are_checked_together() {
    let env = [
        ("COLIBRI_KIT__DB__LOG_POOL_MAX", "0"),
        ("COLIBRI_KIT__AUTH__ISSUER", "https://login.example"),
    ];
    let error = load(None, &env).unwrap().kit().unwrap_err().to_string();
    assert!(error.contains("db pools") && error.contains("auth.issuer"), "{error}");
}

#[test]
fn a_file_that_is_no_toml_is_not_quoted() {
    let error = load(Some("[labels]\napi_key = hunter2\n"), &[]).unwrap_err();
    assert!(matches!(error, ConfigError::Parse { .. }));
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn defaults_may_begin_with_their_own_header() {
    let text = "[labels]\nworkers = 4\n#note = \"n\"\n[labels.limits]\nweight_g_max = 3\n";
    let env = [("COLIBRI_LABELS__NOTE".to_owned(), "hi".to_owned())];
    let config = Config::load(&[("labels", text)], None, env.into_iter()).unwrap();
    let labels: Table = config.section("labels").unwrap();
    assert_eq!(labels["note"].as_str(), Some("hi"));
    assert_eq!(labels["limits"]["weight_g_max"].as_integer(), Some(3));
}

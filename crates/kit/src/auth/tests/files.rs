//! Key files of ours.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[tokio::test]
async fn a_key_file_is_made_once_private_and_shared() {
    let name = format!("colibri-key-{}", uuid::Uuid::new_v4());
    let folder = std::env::temp_dir().join(name);
    let path = folder.join("deep/issuer.pem");
    let paths = vec![path.clone(); 8];
    let made: Vec<Issuer> = paths
        .into_iter()
        .map(|path| std::thread::spawn(move || Issuer::load_or_create(&path).unwrap()))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect();
    let clock = Arc::new(crate::clock::SystemClock);
    let verifier = Verifier::builder(clock).trust(&made[0]).build();
    for issuer in &made {
        let token = issuer.mint(request()).unwrap();
        assert!(verifier.verify(&token).await.is_ok(), "one key for all");
    }
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
    let open = std::fs::Permissions::from_mode(0o606);
    std::fs::set_permissions(&path, open).unwrap();
    let error = Issuer::load_or_create(&path).unwrap_err();
    assert!(matches!(error, IssuerError::Open(_)));
    std::fs::write(&path, "no key").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let error = Issuer::load_or_create(&path).unwrap_err();
    assert!(matches!(error, IssuerError::Format(_)));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn two_processes_set_up_alike_believe_each_other() {
    let name = format!("colibri-trust-{}", uuid::Uuid::new_v4());
    let folder = std::env::temp_dir().join(name);
    let env = [("ISSUER", "issuer.pem"), ("SERVICE", "service.pem")].map(|(key, file)| {
        let path = folder.join(file).display().to_string();
        (format!("COLIBRI_KIT__AUTH__{key}_KEY_FILE"), path)
    });
    let config = crate::config::Config::load(&[], None, env.into_iter()).unwrap();
    let auth = config.kit().unwrap().auth;
    let clock: crate::clock::SharedClock = Arc::new(ManualClock::new(NOW));
    let one = Trust::load(&auth, &clock).unwrap();
    let two = Trust::load(&auth, &clock).unwrap();
    let token = one.own.unwrap().mint(request()).unwrap();
    assert!(two.verifier.verify(&token).await.is_ok());
    let service = Some("labels".to_owned());
    let request = MintRequest { service, ..request() };
    let token = two.services.unwrap().mint(request).unwrap();
    let caller = one.verifier.verify(&token).await.unwrap();
    assert_eq!(caller.service.as_deref(), Some("labels"));
    std::fs::remove_dir_all(folder).unwrap();
}

//! What holds of every vault, on SQLite and with a key store in memory. Both databases: `tests/storage`.

use secrecy::ExposeSecret;

use super::*;
use crate::db::{COMMON_MIGRATIONS, DatabaseSettings};

#[tokio::test]
async fn what_was_put_comes_back_and_nothing_is_needed_for_an_empty_vault() {
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("key");
    let db = Db::new(&DatabaseSettings::default(), &folder.path().join("x.db"))
        .with_migrations("common_migrations", &COMMON_MIGRATIONS);
    let settings = |key: &str| SecretsSettings { key: key.parse().unwrap(), ..SecretsSettings::default() };
    let (acme, name) = ("acme".parse().unwrap(), "ghl/oauth/agency".parse().unwrap());

    let none = Secrets::new(db.clone(), Clock::manual(1), &settings("none"));
    assert!(none.get(&acme, &name).await.unwrap().is_none());
    let refused = none.put(&acme, &name, &"v".into()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::FailedPrecondition);
    assert!(refused.hint().unwrap().contains("openssl rand"), "{refused}");
    let sealed = none.sealing_key("plans").await.unwrap().seal(b"", b"x");
    assert!(none.sealing_key("plans").await.unwrap().open(b"", &sealed).is_some());

    std::fs::write(&key_file, hex::encode([9; KEY_BYTES])).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&key_file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let with_file = Secrets::new(db, Clock::manual(1), &settings(&format!("file:{}", key_file.display())));
    let generation = with_file.put(&acme, &name, &"value".into()).await.unwrap();
    let stored = with_file.get(&acme, &name).await.unwrap().unwrap();
    assert_eq!((stored.value.expose_secret(), stored.generation), ("value", generation));
}

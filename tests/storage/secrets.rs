//! `common::secrets`: what was put comes back, to its tenant alone, whatever happens to the key meanwhile.

use std::sync::Arc;
use std::time::Duration;

use common::clock::Clock;
use common::error::ErrorCode;
use common::secrets::{SecretName, Secrets, SecretsSettings};
use common::tenant::TenantId;
use secrecy::ExposeSecret;
use sqlx::AssertSqlSafe;
use tests::database::{TestDatabase, on_each_database};
use tests::key_store::{MemoryKeyStore, Mood};

pub(crate) fn acme() -> TenantId {
    "acme".parse().unwrap()
}

pub(crate) fn name(text: &str) -> SecretName {
    text.parse().unwrap()
}

/// One process on a database and a key store.
pub(crate) fn process(database: &TestDatabase, store: &MemoryKeyStore) -> Secrets {
    process_at(database, store, Clock::manual(1_000))
}

fn process_at(database: &TestDatabase, store: &MemoryKeyStore, clock: Clock) -> Secrets {
    Secrets::with_key_store(database.open(), clock, &SecretsSettings::default(), Arc::new(store.clone()))
}

pub(crate) async fn value(secrets: &Secrets, of: &str) -> Option<String> {
    let stored = secrets.get(&acme(), &name(of)).await.unwrap();
    stored.map(|stored| stored.value.expose_secret().to_owned())
}

#[tokio::test]
async fn a_secret_comes_back_to_its_tenant_alone_in_any_process() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let secrets = process(&database, &store);
        assert_eq!(value(&secrets, "a/token").await, None);
        assert_eq!(store.accounts().len(), 0, "reading makes no key");
        let first = secrets.put(&acme(), &name("a/token"), &"eins".into()).await.unwrap();
        let second = secrets.put(&acme(), &name("a/token"), &"zwei £ 三".into()).await.unwrap();
        assert!(second > first);
        assert_eq!(value(&process(&database, &store), "a/token").await.unwrap(), "zwei £ 三");
        let other = secrets.get(&"other".parse().unwrap(), &name("a/token")).await.unwrap();
        assert!(other.is_none());
        assert_eq!(store.accounts().len(), 1);

        secrets.put(&acme(), &name("b"), &"".into()).await.unwrap();
        let listed: Vec<_> = secrets.list(&acme(), "a/").await.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(listed, ["a/token"]);
        assert_eq!(secrets.list(&acme(), "").await.unwrap().len(), 2);
        assert!(secrets.delete(&acme(), &name("a/token")).await.unwrap());
        assert!(!secrets.delete(&acme(), &name("a/token")).await.unwrap());
        assert_eq!(value(&secrets, "a/token").await, None);
        let too_long = "x".repeat(64 * 1024 + 1).into();
        let refused = secrets.put(&acme(), &name("long"), &too_long).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidArgument);
    })
    .await;
}

#[tokio::test]
async fn only_the_first_of_two_replacements_counts() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let (one, two) = (process(&database, &store), process(&database, &store));
        let token = name("token");
        let first = one.replace(&acme(), &token, 0, &"1".into()).await.unwrap().unwrap();
        assert_eq!(two.replace(&acme(), &token, 0, &"other".into()).await.unwrap(), None, "there is one");
        let second = two.replace(&acme(), &token, first, &"2".into()).await.unwrap().unwrap();
        assert_eq!(one.replace(&acme(), &token, first, &"late".into()).await.unwrap(), None);
        assert_eq!(value(&one, "token").await.unwrap(), "2");
        one.delete(&acme(), &token).await.unwrap();
        let third = one.put(&acme(), &token, &"3".into()).await.unwrap();
        assert!(third > second, "a generation is never used twice");
        assert_eq!(two.replace(&acme(), &token, second, &"late".into()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn of_many_at_once_one_wins_each_generation() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let first = process(&database, &store).put(&acme(), &name("token"), &"0".into()).await.unwrap();
        let mut racing = tokio::task::JoinSet::new();
        for racer in 0..8 {
            let secrets = process(&database, &store);
            let text = racer.to_string().into();
            racing.spawn(async move { secrets.replace(&acme(), &name("token"), first, &text).await.unwrap() });
        }
        assert_eq!(racing.join_all().await.into_iter().flatten().count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_lease_has_one_holder_until_released_or_over() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let clock = Clock::manual(1_000);
        let (one, two) = (process_at(&database, &store, clock.clone()), process_at(&database, &store, clock.clone()));
        let (token, span) = (name("token"), Duration::from_secs(30));
        let held = one.lease(&acme(), &token, span).await.unwrap().unwrap();
        assert_eq!(held.until_ms(), 31_000);
        assert!(two.lease(&acme(), &token, span).await.unwrap().is_none());
        assert!(two.lease(&acme(), &name("else"), span).await.unwrap().is_some());
        assert!(held.release().await.unwrap());
        let held = two.lease(&acme(), &token, span).await.unwrap().unwrap();
        clock.advance(span);
        let next = one.lease(&acme(), &token, span).await.unwrap().unwrap();
        assert!(!held.release().await.unwrap(), "it was over");
        assert!(two.lease(&acme(), &token, span).await.unwrap().is_none(), "a late release frees nobody's lease");
        assert!(next.release().await.unwrap());

        let mut racing = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let secrets = process_at(&database, &store, clock.clone());
            racing.spawn(async move { secrets.lease(&acme(), &name("token"), span).await.unwrap().is_some() });
        }
        assert_eq!(racing.join_all().await.into_iter().filter(|won| *won).count(), 1);
        assert!(store.accounts().is_empty(), "leases need no key");
    })
    .await;
}

#[tokio::test]
async fn many_who_make_the_vault_at_once_make_one_key() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        database.open().ready().await.unwrap();
        let mut making = tokio::task::JoinSet::new();
        for maker in 0..8 {
            let secrets = process(&database, &store);
            making.spawn(async move {
                secrets.put(&acme(), &name(&format!("of/{maker}")), &maker.to_string().into()).await.unwrap();
            });
        }
        making.join_all().await;
        assert_eq!(store.accounts().len(), 1, "the keys of those who came late are gone");
        let later = process(&database, &store);
        for maker in 0..8 {
            assert_eq!(value(&later, &format!("of/{maker}")).await.unwrap(), maker.to_string());
        }
    })
    .await;
}

#[tokio::test]
async fn a_store_that_does_not_say_that_it_has_no_key_never_gets_one() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        for mood in [Mood::Locked, Mood::Absent] {
            store.set_mood(mood);
            let refused = process(&database, &store).put(&acme(), &name("x"), &"1".into()).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::FailedPrecondition, "{mood:?}");
            assert!(refused.hint().is_some());
            assert!(store.accounts().is_empty(), "{mood:?}");
        }
        store.set_mood(Mood::Works);
        process(&database, &store).put(&acme(), &name("x"), &"1".into()).await.unwrap();
        let before = store.accounts();
        for mood in [Mood::Locked, Mood::Absent] {
            store.set_mood(mood);
            let secrets = process(&database, &store);
            for refused in [
                secrets.get(&acme(), &name("x")).await.map(drop).unwrap_err(),
                secrets.put(&acme(), &name("x"), &"2".into()).await.map(drop).unwrap_err(),
                secrets.sealing_key("plans").await.map(drop).unwrap_err(),
                secrets.rotate(None).await.map(drop).unwrap_err(),
            ] {
                assert_eq!(refused.code(), ErrorCode::FailedPrecondition, "{mood:?}");
            }
            assert_eq!(store.accounts(), before, "{mood:?}");
            // The same process goes on as soon as the store does.
            store.set_mood(Mood::Works);
            assert_eq!(value(&secrets, "x").await.unwrap(), "1");
        }
    })
    .await;
}

#[tokio::test]
async fn a_vault_whose_key_is_gone_or_wrong_says_so_and_gets_no_other() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        process(&database, &store).put(&acme(), &name("x"), &"1".into()).await.unwrap();
        let before = store.accounts();
        store.scramble();
        let wrong = process(&database, &store).get(&acme(), &name("x")).await.unwrap_err();
        assert!(wrong.message().contains("another key"), "{wrong}");
        store.scramble();
        assert_eq!(value(&process(&database, &store), "x").await.unwrap(), "1");
        store.clear();
        for refused in [
            process(&database, &store).get(&acme(), &name("x")).await.map(drop).unwrap_err(),
            process(&database, &store).put(&acme(), &name("y"), &"2".into()).await.map(drop).unwrap_err(),
        ] {
            assert_eq!(refused.message(), "the key of this vault is not in this key store");
        }
        assert!(store.accounts().is_empty() && !before.is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_changes_a_column_is_found_out() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        database.open().ready().await.unwrap();
        let pool = database.bypass().await;
        for change in [
            "update secret_values set tenant_id = 'acme', name = 'x' where name = 'y'",
            "update secret_values set generation = generation + 1 where name = 'x'",
            "update secret_values set updated_at_ms = 7 where name = 'x'",
            "update secret_values set key_id = 'key_other' where name = 'x'",
            "update secret_values set wrapped_key = (select v.wrapped_key from secret_values v where v.name = 'y') where name = 'x'",
            "update secret_values set sealed = (select v.sealed from secret_values v where v.name = 'y') where name = 'x'",
            "update secret_values set sealed = '' where name = 'x'",
            "update secret_values set sealed = 'AAAA' || substr(sealed, 5) where name = 'x'",
            "update secret_values set wrapped_key = '%' where name = 'x'",
            "update secret_vault set key_id = 'key_other'",
            "update secret_vault set vault_id = 'vlt_other'",
            "update secret_vault set kept_in = 'given'",
            "update secret_vault set kept_in = 'passphrase'",
            "update secret_vault set kept_in = 'x'",
            "update secret_vault set kdf_passes = 1",
            "update secret_vault set made_at_ms = 7",
            "update secret_vault set check_sealed = 'AAAA'",
            "delete from secret_vault",
        ] {
            let secrets = process(&database, &store);
            secrets.put(&acme(), &name("x"), &"1".into()).await.unwrap();
            secrets.put(&"other".parse().unwrap(), &name("y"), &"2".into()).await.unwrap();
            if change.contains("tenant_id = 'acme'") {
                secrets.delete(&acme(), &name("x")).await.unwrap();
            }
            let vault = sqlx::query(AssertSqlSafe("create table vault_before as select * from secret_vault"));
            vault.execute(&pool).await.unwrap();
            sqlx::query(change).execute(&pool).await.unwrap();
            let found = process(&database, &store).get(&acme(), &name("x")).await;
            let found = found.map(drop).expect_err(change);
            assert!(matches!(found.code(), ErrorCode::Internal | ErrorCode::FailedPrecondition), "{change}: {found}");
            let made = process(&database, &store).put(&acme(), &name("z"), &"3".into()).await;
            assert_eq!(made.is_err(), change.contains("secret_vault"), "{change}: {made:?}");
            for statement in [
                "delete from secret_values",
                "delete from secret_vault",
                "insert into secret_vault select * from vault_before",
                "drop table vault_before",
            ] {
                sqlx::query(statement).execute(&pool).await.unwrap();
            }
        }
        let secrets = process(&database, &store);
        secrets.put(&acme(), &name("x"), &"1".into()).await.unwrap();
        sqlx::query("update secret_vault set changes = 0").execute(&pool).await.unwrap();
        let back = secrets.put(&acme(), &name("x"), &"2".into()).await.unwrap_err();
        assert_eq!(back.code(), ErrorCode::Internal, "a count that went back would let a generation be used twice");
    })
    .await;
}

#[tokio::test]
async fn values_do_not_lie_about_in_the_database() {
    let database = TestDatabase::sqlite();
    let store = MemoryKeyStore::default();
    let secrets = process(&database, &store);
    secrets.put(&acme(), &name("x"), &"a rather conspicuous value".into()).await.unwrap();
    for entry in std::fs::read_dir(database.folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"conspicuous"));
    }
    let stored = secrets.get(&acme(), &name("x")).await.unwrap();
    assert!(!format!("{secrets:?} {stored:?}").contains("conspicuous"));
}

#[tokio::test]
async fn every_process_has_the_same_sealing_key_and_keeps_it_over_a_rotation() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let mut making = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let secrets = process(&database, &store);
            making.spawn(async move { secrets.sealing_key("plans").await.unwrap() });
        }
        let keys = making.join_all().await;
        let sealed = keys[0].seal(b"a", b"plan");
        assert!(keys.iter().all(|key| key.open(b"a", &sealed).unwrap() == b"plan"));
        process(&database, &store).rotate(None).await.unwrap();
        let later = process(&database, &store).sealing_key("plans").await.unwrap();
        assert_eq!(later.open(b"a", &sealed).unwrap(), b"plan");
        let other = process(&database, &store).sealing_key("cursors").await.unwrap();
        assert_eq!(other.open(b"a", &sealed), None, "one key for each purpose");
    })
    .await;
}

#[tokio::test]
async fn without_a_key_sealing_lasts_as_long_as_the_process() {
    let database = TestDatabase::sqlite();
    let store = MemoryKeyStore::default();
    store.set_mood(Mood::Absent);
    let secrets = process(&database, &store);
    let sealed = secrets.sealing_key("plans").await.unwrap().seal(b"", b"x");
    assert!(secrets.sealing_key("plans").await.unwrap().open(b"", &sealed).is_some());
    let next = process(&database, &store).sealing_key("plans").await.unwrap();
    assert!(next.open(b"", &sealed).is_none());
}

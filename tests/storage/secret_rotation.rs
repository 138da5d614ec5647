//! Rotation: whatever fails or happens at the same time, every secret stays readable, and old keys go in the end.

use common::error::ErrorCode;
use tests::database::on_each_database;
use tests::key_store::{MemoryKeyStore, Mood};

use crate::secrets::{acme, name, process, value};

#[tokio::test]
async fn after_a_rotation_everybody_reads_and_writes_with_the_new_key_alone() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let (one, two) = (process(&database, &store), process(&database, &store));
        // More than are read at once.
        for number in 0..230 {
            one.put(&acme(), &name(&format!("of/{number}")), &number.to_string().into()).await.unwrap();
        }
        let generation = two.get(&acme(), &name("of/7")).await.unwrap().unwrap().generation;
        let before = store.accounts();
        let rotated = one.rotate(None).await.unwrap();
        assert_eq!((rotated.secrets, rotated.strays), (230, 0));
        let after = store.accounts();
        assert!(after.len() == 1 && after != before && after[0].ends_with(&rotated.key_id));
        for reader in [&one, &two, &process(&database, &store)] {
            for number in [0, 7, 199, 200, 229] {
                assert_eq!(value(reader, &format!("of/{number}")).await.unwrap(), number.to_string());
            }
        }
        assert!(two.replace(&acme(), &name("of/7"), generation, &"new".into()).await.unwrap().is_some());
        assert_eq!(value(&one, "of/7").await.unwrap(), "new");
    })
    .await;
}

#[tokio::test]
async fn a_process_that_had_opened_the_vault_writes_with_the_key_of_a_later_rotation() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let (one, two) = (process(&database, &store), process(&database, &store));
        two.put(&acme(), &name("x"), &"1".into()).await.unwrap();
        one.rotate(None).await.unwrap();
        two.put(&acme(), &name("x"), &"2".into()).await.unwrap();
        assert_eq!(value(&process(&database, &store), "x").await.unwrap(), "2");
    })
    .await;
}

#[tokio::test]
async fn a_rotation_that_dies_after_the_new_key_was_kept_leaves_the_vault_as_it_was() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let secrets = process(&database, &store);
        secrets.put(&acme(), &name("x"), &"1".into()).await.unwrap();
        let before = store.accounts();
        store.set_mood(Mood::DiesAfterWriting);
        secrets.rotate(None).await.unwrap_err();
        store.set_mood(Mood::Works);
        assert_eq!(store.accounts().len(), 2, "two keys lie side by side");
        let next = process(&database, &store);
        assert_eq!(value(&next, "x").await.unwrap(), "1");
        next.put(&acme(), &name("x"), &"2".into()).await.unwrap();
        assert!(next.status().await.unwrap().contains("1 old key"));
        next.rotate(None).await.unwrap();
        assert_eq!(value(&process(&database, &store), "x").await.unwrap(), "2");
        let after = store.accounts();
        assert!(after.len() == 1 && after != before, "the next rotation cleans up");
    })
    .await;
}

#[tokio::test]
async fn a_rotation_that_dies_after_the_commit_leaves_an_old_key_for_the_next_to_remove() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let secrets = process(&database, &store);
        secrets.put(&acme(), &name("x"), &"1".into()).await.unwrap();
        store.set_mood(Mood::RefusesToRemove);
        assert_eq!(secrets.rotate(None).await.unwrap().strays, 1);
        store.set_mood(Mood::Works);
        assert_eq!(store.accounts().len(), 2);
        let next = process(&database, &store);
        assert_eq!(value(&next, "x").await.unwrap(), "1");
        assert_eq!(next.rotate(None).await.unwrap().strays, 0);
        assert_eq!(store.accounts().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_value_that_was_tampered_with_stops_a_rotation_before_it_changes_anything() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        let secrets = process(&database, &store);
        secrets.put(&acme(), &name("good"), &"1".into()).await.unwrap();
        secrets.put(&acme(), &name("spoilt"), &"2".into()).await.unwrap();
        let pool = database.bypass().await;
        sqlx::query("update secret_values set generation = 77 where name = 'spoilt'").execute(&pool).await.unwrap();
        let refused = secrets.rotate(None).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Internal);
        assert!(refused.message().contains("`spoilt` of `acme`"), "{refused}");
        assert_eq!(value(&process(&database, &store), "good").await.unwrap(), "1");
        assert!(process(&database, &store).delete(&acme(), &name("spoilt")).await.unwrap());
        secrets.rotate(None).await.unwrap();
        assert_eq!(store.accounts().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_others_write_during_rotations_is_not_lost() {
    on_each_database(async |database| {
        let store = MemoryKeyStore::default();
        process(&database, &store).put(&acme(), &name("first"), &"1".into()).await.unwrap();
        let mut work = tokio::task::JoinSet::new();
        for writer in 0..3 {
            let secrets = process(&database, &store);
            work.spawn(async move {
                for round in 0..12 {
                    let name = name(&format!("of/{writer}"));
                    // Rotations one after another may outrun a writer, who is told so.
                    while let Err(error) = secrets.put(&acme(), &name, &round.to_string().into()).await {
                        assert_eq!(error.code(), ErrorCode::Conflict, "{error:?}");
                    }
                    assert_eq!(value(&secrets, name.as_str()).await.unwrap(), round.to_string());
                }
            });
        }
        for _ in 0..2 {
            let secrets = process(&database, &store);
            work.spawn(async move {
                for _ in 0..4 {
                    if let Err(error) = secrets.rotate(None).await {
                        assert_eq!(error.code(), ErrorCode::Conflict, "two rotations exclude each other: {error:?}");
                    }
                }
            });
        }
        work.join_all().await;
        let last = process(&database, &store);
        for writer in 0..3 {
            assert_eq!(value(&last, &format!("of/{writer}")).await.unwrap(), "11");
        }
        last.rotate(None).await.unwrap();
        assert_eq!(store.accounts().len(), 1);
    })
    .await;
}

//! Who may call what.

use common::auth::Role;
use common::tool::{DispatchSettings, Surface};
use serde_json::json;

use crate::bench::{Bench, call, error_of};

#[tokio::test]
async fn a_role_below_the_access_class_is_refused() {
    let bench = Bench::new();
    for (role, tool, code) in [
        (Role::Viewer, "set_seats", "permission_denied"),
        (Role::Viewer, "send_seats", "permission_denied"),
        (Role::Member, "destroy_seats", "permission_denied"),
        (Role::Member, "spend_seats", "permission_denied"),
        (Role::Member, "send_seats", "approval_required"),
    ] {
        let result = bench.call_as(role, tool, json!({ "seats": 1 })).await;
        assert_eq!(error_of(&result)["code"], code, "{role:?} {tool}");
    }
    assert_eq!(bench.effects(), 0);
    assert_eq!(bench.call_as(Role::Viewer, "get_seats", json!({ "seats": 1 })).await.is_error, Some(false));
    assert_eq!(bench.call_as(Role::Member, "set_seats", json!({ "seats": 1 })).await.is_error, Some(false));
}

/// A tool may do things of several classes: who may do what, and what needs a yes, follows from what one call does.
#[tokio::test]
async fn the_class_of_a_call_may_follow_from_its_arguments() {
    let bench = Bench::new();
    let code = async |bench: &Bench, role, seats: u32| {
        let result = bench.call_as(role, "change_seats", json!({ "seats": seats })).await;
        if result.is_error == Some(true) {
            error_of(&result)["code"].as_str().expect("a code").to_owned()
        } else {
            "ok".to_owned()
        }
    };
    for (role, seats, wanted) in [
        (Role::Viewer, 1, "permission_denied"),
        (Role::Member, 1, "ok"),
        (Role::Member, 2, "approval_required"),
        (Role::Member, 3, "permission_denied"),
        (Role::Admin, 3, "approval_required"),
        // More than the tool admits, or less than any of its calls does: a defect of the tool, not a way round.
        (Role::Admin, 4, "internal"),
        (Role::Admin, 5, "internal"),
        (Role::Admin, 6, "not_found"),
        (Role::Viewer, 6, "permission_denied"),
        (Role::Member, 500, "invalid_argument"),
    ] {
        assert_eq!(code(&bench, role, seats).await, wanted, "{role:?} with {seats}");
    }
    assert_eq!(bench.effects(), 1);
    let definition = bench.registry.definition("change_seats").expect("it is there");
    let annotations = definition.annotations.expect("all four");
    assert_eq!((annotations.read_only_hint, annotations.destructive_hint), (Some(false), Some(true)));
    let read_only = Bench::with(DispatchSettings { read_only: true, ..DispatchSettings::default() });
    assert_eq!(code(&read_only, Role::Admin, 1).await, "permission_denied");
}

#[tokio::test]
async fn what_cannot_be_taken_back_does_not_happen_without_an_approval() {
    let bench = Bench::new();
    for tool in ["send_seats", "destroy_seats", "spend_seats"] {
        let result = bench.call(tool, json!({ "seats": 1 })).await;
        let error = error_of(&result);
        assert_eq!(error["code"], "approval_required", "{tool}");
        // A tool without words of its own for what it would do lets its arguments speak.
        assert_eq!(error["details"]["plan"]["plan"]["summary"], format!("{tool} with {{\"seats\":1}}"));
    }
    assert_eq!(bench.effects(), 0);
}

#[tokio::test]
async fn a_read_only_server_changes_nothing_for_anybody() {
    let bench = Bench::with(DispatchSettings { read_only: true, ..DispatchSettings::default() });
    let result = bench.call("set_seats", json!({ "seats": 1 })).await;
    assert_eq!(error_of(&result)["code"], "permission_denied");
    assert_eq!(bench.effects(), 0);
    assert_eq!(bench.call("get_seats", json!({ "seats": 1 })).await.is_error, Some(false));
}

#[tokio::test]
async fn a_tool_outside_the_surface_is_unknown() {
    let bench = Bench::new();
    let surface = Surface::of(&["reading".to_owned()], false, &[&bench.registry]).expect("a toolset");
    for (tool, is_there) in [("get_seats", true), ("set_seats", false), ("no_such_tool", false)] {
        let called = bench.run(&call(Role::Admin), &surface, tool, json!({ "seats": 1 })).await;
        assert_eq!(called.is_some(), is_there, "{tool}");
    }
    let narrower = surface.and(&Surface::read_only());
    assert!(bench.run(&call(Role::Admin), &narrower, "wait_forever", json!({ "seats": 1 })).await.is_none());
    assert!(Surface::of(&["readings".to_owned()], false, &[&bench.registry]).is_err());
}

/// What nobody has chosen shows the usual tools; choosing, by whatever way, shows toolsets whole and never beyond what
/// the operator has named.
#[tokio::test]
async fn at_first_a_server_shows_its_usual_tools() {
    let mut bench = Bench::new();
    bench.registry = std::mem::take(&mut bench.registry).usually(&["get_seats"]);
    let named = Surface::of(&["reading".to_owned()], false, &[&bench.registry]).expect("a toolset");
    let all = Surface::of(&["all".to_owned()], false, &[&bench.registry]).expect("all of them");
    let everything = [true, true];
    for (surface, shown) in [
        (Surface::usual(), [true, false]),
        (all.clone(), everything),
        (Surface::usual().and(&Surface::whole()), everything),
        (Surface::usual().and(&Surface::read_only()), [true, false]),
        (all.and(&Surface::read_only()), [true, false]),
        (named.and(&Surface::whole()), [true, false]),
        (Surface::usual().and(&Surface::only("writing")), [false, true]),
        (named.and(&Surface::only("writing")), [false, false]),
    ] {
        for (tool, is_there) in ["get_seats", "set_seats"].into_iter().zip(shown) {
            let called = bench.run(&call(Role::Admin), &surface, tool, json!({ "seats": 1 })).await;
            assert_eq!(called.is_some(), is_there, "{tool} of {surface:?}");
        }
    }
}

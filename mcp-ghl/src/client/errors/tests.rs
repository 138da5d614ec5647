use common::http::Repeat;
use http::{HeaderMap, Method};

use super::*;

const GET_CONTACT: Operation = Operation::read(Method::GET, "/contacts/{}", "contacts.readonly").on("contact");
const PIPELINES: Operation = Operation::read(Method::GET, "/opportunities/pipelines", "opportunities.readonly");
const UPSERT: Operation = Operation::write(Method::POST, "/contacts/upsert", "contacts.write", Repeat::Never);

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: body.to_owned().into(),
        is_cached: false,
    }
}

#[test]
fn each_refusal_says_who_must_act() {
    let message = |text: &str| format!(r#"{{"statusCode":0,"message":"{text}","traceId":"t-1"}}"#);
    let cases = [
        (&GET_CONTACT, 401, "Invalid token: access token is invalid", ErrorCode::FailedPrecondition),
        (&GET_CONTACT, 401, "The token is not authorized for this scope.", ErrorCode::PermissionDenied),
        (&GET_CONTACT, 401, "This route is not yet supported by the IAM Service.", ErrorCode::UpstreamRejected),
        (&PIPELINES, 401, "Token's user type mismatch!", ErrorCode::PermissionDenied),
        (&PIPELINES, 403, "The token does not have access to this location.", ErrorCode::PermissionDenied),
        (&GET_CONTACT, 403, "The token does not have access to this location.", ErrorCode::NotFound),
        (&GET_CONTACT, 400, "Contact with id x not found", ErrorCode::NotFound),
        (&GET_CONTACT, 404, "Not Found", ErrorCode::NotFound),
        (&PIPELINES, 429, "Too Many Requests", ErrorCode::RateLimited),
        (&PIPELINES, 500, "Internal server error", ErrorCode::UpstreamUnavailable),
        (&UPSERT, 400, "something else", ErrorCode::UpstreamRejected),
    ];
    for (operation, status, text, code) in cases {
        let error = refusal(operation, &response(status, &message(text)));
        assert_eq!(error.code(), code, "{status} {text}");
        assert_eq!(error.details().vendor_trace_id.as_deref(), Some("t-1"));
        assert!(!format!("{error} {:?}", error.body()).contains(text), "vendor text reached the caller: {error}");
    }
}

#[test]
fn the_missing_scope_is_named() {
    let error = refusal(&UPSERT, &response(401, r#"{"message":"The token is not authorized for this scope."}"#));
    assert!(error.message().contains("contacts.write"), "{error}");
}

#[test]
fn refused_fields_become_our_arguments() {
    let body = r#"{"statusCode":422,"message":["email must be an email","assignedTo must be a string"]}"#;
    let error = refusal(&UPSERT, &response(422, body));
    let fields: Vec<&str> = error.details().faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!((error.code(), fields), (ErrorCode::InvalidArgument, vec!["/email", "/owner"]));
}

#[test]
fn a_body_that_is_no_json_is_survived() {
    assert_eq!(refusal(&PIPELINES, &response(502, "<html>")).code(), ErrorCode::UpstreamUnavailable);
}

#[test]
fn what_v3_has_removed_is_recognised() {
    let body =
        r#"{"message":"Endpoint /users/ not available in API version v3. This endpoint was removed in version v3."}"#;
    assert!(is_removed_in_v3(&response(400, body)));
    assert!(!is_removed_in_v3(&response(400, r#"{"message":"no"}"#)));
}

#[test]
fn a_login_says_that_a_person_has_to_log_in() {
    let unknown = response(401, r#"{"message":"Invalid token: access token is invalid","traceId":"t-1"}"#);
    assert!(is_refused_token(&unknown));
    let error = refusal_of_login(&GET_CONTACT, &unknown);
    assert_eq!((error.code(), error.details().vendor_trace_id.as_deref()), (ErrorCode::Unauthenticated, Some("t-1")));
    for (status, text) in [
        (401, "The token is not authorized for this scope."),
        (401, "Token's user type mismatch!"),
        (401, "This route is not yet supported by the IAM Service."),
        (401, "version header is invalid"),
        (403, "The token does not have access to this location."),
    ] {
        let other = response(status, &format!(r#"{{"message":"{text}"}}"#));
        assert!(!is_refused_token(&other), "another token would not help: {text}");
        assert_ne!(refusal_of_login(&GET_CONTACT, &other).code(), ErrorCode::Unauthenticated, "{text}");
    }
}

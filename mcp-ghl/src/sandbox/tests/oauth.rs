//! Codes, tokens that rotate, and scopes.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use super::{Answer, Bench, dental, gym};
use crate::sandbox::{AGENCY_TOKEN, DEMO_APP, company_id};

const REDIRECT: &str = "http://127.0.0.1:8934/oauth/callback";
const SCOPES: &str = "contacts.readonly oauth.readonly oauth.write";

impl Bench {
    /// The code that a choice on the consent page gives.
    async fn code(&self, choice: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("response_type", "code").append_pair("client_id", DEMO_APP.client_id);
        query.append_pair("redirect_uri", REDIRECT).append_pair("scope", SCOPES).append_pair("state", "s1");
        query.append_pair("choice", choice);
        let path = format!("/__sandbox/oauth/chosen?{}", query.finish());
        let answer = self.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FOUND);
        let location: Url = answer.headers["location"].to_str().unwrap().parse().unwrap();
        let pairs: Vec<(String, String)> = location.query_pairs().into_owned().collect();
        assert!(location.as_str().starts_with(REDIRECT) && pairs.contains(&("state".to_owned(), "s1".to_owned())));
        pairs.into_iter().find(|(name, _)| name == "code").unwrap().1
    }

    async fn form(&self, path: &str, token: Option<&str>, fields: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method("POST").uri(path).header("version", "2021-07-28");
        request = request.header("content-type", "application/x-www-form-urlencoded");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let app = [("client_id", DEMO_APP.client_id), ("client_secret", DEMO_APP.client_secret)];
        self.form("/oauth/token", None, &[&app, fields].concat()).await
    }

    async fn exchange(&self, code: &str) -> Answer {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT)]).await
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn reads_contacts(&self, token: &Value, location_id: &str) -> StatusCode {
        let search = json!({"locationId": location_id, "pageLimit": 1});
        self.ask_as(token.as_str().unwrap(), "v3", "POST", "/contacts/search", search).await.status
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once_for_tokens_of_what_was_chosen() {
    let bench = Bench::new().await;
    let code = bench.code(dental().id).await;
    let tokens = bench.exchange(&code).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    assert_eq!(tokens.body["userType"], "Location");
    assert_eq!((&tokens.body["locationId"], &tokens.body["expires_in"]), (&json!(dental().id), &json!(86_399)));
    assert_eq!(bench.reads_contacts(&tokens.body["access_token"], dental().id).await, StatusCode::OK);
    assert_eq!(bench.reads_contacts(&tokens.body["access_token"], gym().id).await, StatusCode::FORBIDDEN);
    assert_eq!(bench.exchange(&code).await.status, StatusCode::BAD_REQUEST, "once");

    let late = bench.code("agency").await;
    bench.wait(Duration::from_mins(10));
    assert_eq!(bench.exchange(&late).await.status, StatusCode::BAD_REQUEST, "in time");
}

#[tokio::test]
async fn v3_takes_json_and_answers_in_its_own_spelling() {
    let bench = Bench::new().await;
    let code = bench.code("agency").await;
    let body = json!({
        "clientId": DEMO_APP.client_id, "clientSecret": DEMO_APP.client_secret, "grantType": "authorization_code",
        "code": code, "redirectUri": REDIRECT, "userType": "Company"
    });
    let request = |version| {
        let request = Request::builder().method("POST").uri("/oauth/token").header("content-type", "application/json");
        request.header("version", version).body(Body::from(body.to_string())).unwrap()
    };
    assert_eq!(bench.send(request("2021-07-28")).await.status, StatusCode::BAD_REQUEST, "v2 takes a form only");
    let tokens = bench.send(request("v3")).await;
    assert!(tokens.body["accessToken"].is_string() && tokens.body["refreshToken"].is_string(), "{}", tokens.body);
    assert_eq!((&tokens.body["userType"], &tokens.body["companyId"]), (&json!("Company"), &json!(company_id())));
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_use_and_its_answer_for_half_a_minute() {
    let bench = Bench::new().await;
    let code = bench.code(dental().id).await;
    let first = bench.exchange(&code).await.body;
    let refresh_token = first["refresh_token"].as_str().unwrap();
    let second = bench.refresh(refresh_token).await.body;
    assert_ne!(first["access_token"], second["access_token"]);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    bench.wait(Duration::from_millis(29_999));
    assert_eq!(bench.refresh(refresh_token).await.body, second, "the same triple, the same answer");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.refresh(refresh_token).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bench.refresh(second["refresh_token"].as_str().unwrap()).await.status, StatusCode::OK);

    let kind = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("user_type", "Agency")];
    assert_eq!(bench.token(&kind).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("client_id", DEMO_APP.client_id), ("client_secret", "wrong"), ("grant_type", "refresh_token")];
    let fields = [&fields[..], &[("refresh_token", refresh_token)]].concat();
    assert_eq!(bench.form("/oauth/token", None, &fields).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_access_token_ends_after_a_day() {
    let bench = Bench::new().await;
    let code = bench.code(dental().id).await;
    let token = bench.exchange(&code).await.body["access_token"].clone();
    bench.wait(Duration::from_secs(86_398));
    assert_eq!(bench.reads_contacts(&token, dental().id).await, StatusCode::OK);
    bench.wait(Duration::from_secs(1));
    let path = format!("/locations/{}", dental().id);
    let ended = bench.ask_as(token.as_str().unwrap(), "v3", "GET", &path, Value::Null).await;
    assert_eq!(
        (ended.status.as_u16(), ended.body["message"].as_str()),
        (401, Some("Invalid token: access token is invalid"))
    );
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say() {
    let bench = Bench::new().await;
    let code = bench.code(dental().id).await;
    let token = bench.exchange(&code).await.body["access_token"].clone();
    assert_eq!(bench.reads_contacts(&token, dental().id).await, StatusCode::OK);
    let new = json!({"locationId": dental().id, "email": "new@example.com"});
    let path = format!("/opportunities/pipelines?locationId={}", dental().id);
    for (method, path, body) in [("POST", "/contacts/", new), ("GET", path.as_str(), Value::Null)] {
        let answer = bench.ask_as(token.as_str().unwrap(), "v3", method, path, body).await;
        let said = (answer.status.as_u16(), answer.body["message"].as_str());
        assert_eq!(said, (401, Some("The token is not authorized for this scope.")), "{method} {path}");
    }
}

#[tokio::test]
async fn an_agencys_login_opens_its_locations_and_nothing_else_does() {
    let bench = Bench::new().await;
    let agency = bench.code("agency").await;
    let agency = bench.exchange(&agency).await.body;
    let agency = agency["access_token"].as_str().unwrap();
    let fields = [("companyId", company_id()), ("locationId", gym().id.to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let minted = bench.form("/oauth/locationToken", Some(agency), &fields).await;
    assert_eq!(minted.status, StatusCode::OK, "{}", minted.body);
    assert_eq!(bench.reads_contacts(&minted.body["access_token"], gym().id).await, StatusCode::OK);
    for token in [AGENCY_TOKEN, gym().token, minted.body["access_token"].as_str().unwrap()] {
        assert_eq!(bench.form("/oauth/locationToken", Some(token), &fields).await.status, StatusCode::UNAUTHORIZED);
    }
    let path = format!("/oauth/installedLocations?companyId={}&appId={}&limit=2", company_id(), DEMO_APP.app_id);
    let installed = bench.ask_as(agency, "2021-07-28", "GET", &path, Value::Null).await;
    assert_eq!(
        (installed.body["count"].as_u64(), installed.body["locations"].as_array().map(Vec::len)),
        (Some(3), Some(2))
    );
}

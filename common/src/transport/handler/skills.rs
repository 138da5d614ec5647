//! The three requests of the skills extension (SEP-2640). The SDK does not know them, so they come as custom ones.

use rmcp::model::{
    CacheScope, CustomRequest, CustomResult, ErrorCode as RpcCode, ExtensionCapabilities, JsonObject, MetaObject,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Handler, LIST_TTL_MS};
use crate::skill::{Child, EXTENSION_ID, Entry};

/// What a request may say: an address, or a cursor, of which there is none.
#[derive(Debug, Default, Deserialize)]
struct Params {
    uri: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<T> {
    #[serde(flatten)]
    found: T,
    #[serde(flatten)]
    envelope: Option<Envelope>,
}

/// What results of MCP 2026-07-28 say of themselves.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    result_type: &'static str,
    ttl_ms: u64,
    cache_scope: CacheScope,
    #[serde(rename = "_meta")]
    meta: MetaObject,
}

#[derive(Serialize)]
struct SkillList<'skill> {
    skills: Vec<Entry<'skill>>,
}

#[derive(Serialize)]
struct OneSkill<'skill> {
    skill: Entry<'skill>,
}

#[derive(Serialize)]
struct Directory {
    resources: Vec<Child>,
}

/// Announces the extension.
pub(super) fn announce(extensions: &mut ExtensionCapabilities) {
    let settings = JsonObject::from_iter([("directoryRead".to_owned(), Value::Bool(true))]);
    extensions.insert(EXTENSION_ID.to_owned(), settings);
}

/// Answers a request of the extension; whatever else comes is unknown.
pub(super) fn answer(
    handler: &Handler,
    request: &CustomRequest,
    context: &RequestContext<RoleServer>,
) -> Result<CustomResult, ErrorData> {
    let skills = &handler.server.skills;
    let method = request.method.as_str();
    if skills.is_empty() || !matches!(method, "skills/list" | "skills/get" | "resources/directory/read") {
        return Err(ErrorData::new(RpcCode::METHOD_NOT_FOUND, format!("unknown method `{method}`"), None));
    }
    // Who may not call at all may not read either.
    handler.call(context)?;
    let params: Params = request
        .params
        .clone()
        .map(serde_json::from_value)
        .transpose()
        .map_err(|error| malformed(&error))?
        .unwrap_or_default();
    if params.cursor.is_some() {
        return Err(ErrorData::invalid_params("unknown cursor: this list has one page", None));
    }
    if method == "skills/list" {
        return encode(handler, context, SkillList { skills: skills.entries() });
    }
    let Some(uri) = params.uri else { return Err(ErrorData::invalid_params("`uri` is missing", None)) };
    if method == "skills/get" {
        let skill = skills.entry(&uri);
        let skill = skill.ok_or_else(|| ErrorData::invalid_params("no skill has this address", None))?;
        return encode(handler, context, OneSkill { skill });
    }
    let resources = skills.children(&uri);
    let resources =
        resources.ok_or_else(|| ErrorData::invalid_params("no folder of a skill has this address", None))?;
    encode(handler, context, Directory { resources })
}

fn malformed(error: &serde_json::Error) -> ErrorData {
    ErrorData::invalid_params(format!("the parameters are not accepted: {error}"), None)
}

fn encode(
    handler: &Handler,
    context: &RequestContext<RoleServer>,
    found: impl Serialize,
) -> Result<CustomResult, ErrorData> {
    let envelope = handler.stamp(context).map(|meta| Envelope {
        result_type: "complete",
        ttl_ms: LIST_TTL_MS,
        cache_scope: CacheScope::Private,
        meta,
    });
    let encoded = serde_json::to_value(Answer { found, envelope });
    let encoded = encoded.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    Ok(CustomResult::new(encoded))
}

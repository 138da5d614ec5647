//! The request state that a client carries from our question to its answer (MCP 2026-07-28): a plan's id and digest,
//! sealed, and good only for the caller, the tool and the arguments that it was made for.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::audit::ArgumentsDigest;
use crate::auth::Caller;
use crate::clock::UnixMillis;
use crate::plan::PlanId;
use crate::secrets::SealingKey;

/// Bytes of a plan id, a digest and an instant.
const CLAIMS_BYTES: usize = 16 + 32 + 8;
/// Longest state that is looked at, in characters: ours have 128.
const STATE_LENGTH_MAX: usize = 512;

/// What a state is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding<'a> {
    pub(super) caller: &'a Caller,
    pub(super) tool: &'a str,
    pub(super) arguments: ArgumentsDigest,
}

impl Binding<'_> {
    /// Every part with its length before it, so that no two bindings have the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"luminar approval 1".to_vec();
        for part in [self.caller.tenant().as_str(), self.caller.subject(), self.tool] {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// The state for a plan.
pub(super) fn seal(key: &SealingKey, binding: &Binding<'_>, (plan_id, expires_at_ms): (PlanId, UnixMillis)) -> String {
    let mut claims = Vec::with_capacity(CLAIMS_BYTES);
    claims.extend_from_slice(&plan_id.to_bytes());
    claims.extend_from_slice(&binding.arguments.to_bytes());
    claims.extend_from_slice(&expires_at_ms.to_be_bytes());
    URL_SAFE_NO_PAD.encode(key.seal(&binding.bytes(), &claims))
}

/// The plan that a state was made for; `None` if it was changed, made for another caller, tool or arguments, or is too old.
pub(super) fn open(key: &SealingKey, binding: &Binding<'_>, (state, now_ms): (&str, UnixMillis)) -> Option<PlanId> {
    if state.len() > STATE_LENGTH_MAX {
        return None;
    }
    let claims = key.open(&binding.bytes(), &URL_SAFE_NO_PAD.decode(state).ok()?)?;
    let (plan_id, claims) = claims.split_first_chunk::<16>()?;
    let (arguments, claims) = claims.split_first_chunk::<32>()?;
    let expires_at_ms = UnixMillis::from_be_bytes(claims.try_into().ok()?);
    let is_good = *arguments == binding.arguments.to_bytes() && expires_at_ms > now_ms;
    is_good.then(|| PlanId::from_bytes(*plan_id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::auth::Role;

    #[test]
    fn a_state_opens_for_its_caller_tool_arguments_and_time_alone() {
        let key = SealingKey::random().unwrap();
        let caller = |subject: &str, tenant: &str| Caller::local(subject, tenant.parse().unwrap(), Role::Admin);
        let (ann, bob, elsewhere) = (caller("ann", "acme"), caller("bob", "acme"), caller("ann", "other"));
        let arguments = ArgumentsDigest::of(&json!({ "to": "x" }));
        let binding = Binding { caller: &ann, tool: "send_message", arguments };
        let plan_id = PlanId::at(1_000);
        let state = seal(&key, &binding, (plan_id, 2_000));

        assert_eq!(open(&key, &binding, (&state, 1_999)), Some(plan_id));
        assert_eq!(open(&key, &binding, (&state, 2_000)), None, "too old");
        assert_eq!(open(&SealingKey::random().unwrap(), &binding, (&state, 0)), None, "another key");
        for (name, other) in [
            ("another caller", Binding { caller: &bob, ..binding }),
            ("another tenant", Binding { caller: &elsewhere, ..binding }),
            ("another tool", Binding { tool: "delete_contact", ..binding }),
            ("other arguments", Binding { arguments: ArgumentsDigest::of(&json!({ "to": "y" })), ..binding }),
        ] {
            assert_eq!(open(&key, &other, (&state, 0)), None, "{name}");
        }
        for at in 0..state.len() {
            let mut changed = state.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(open(&key, &binding, (&changed, 0)), None, "changed at {at}");
        }
        assert_eq!(open(&key, &binding, ("", 0)), None);
        assert_eq!(open(&key, &binding, (&state[1..], 0)), None);
    }
}

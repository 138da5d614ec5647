//! A user in answers.

use serde::Serialize;

use crate::sandbox::store::users::User;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserAnswer {
    id: String,
    name: String,
    first_name: String,
    last_name: String,
    email: String,
    phone: String,
    roles: Roles,
    deleted: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Roles {
    #[serde(rename = "type")]
    kind: String,
    role: String,
    location_ids: Vec<String>,
}

impl From<User> for UserAnswer {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: format!("{} {}", user.first_name, user.last_name),
            first_name: user.first_name,
            last_name: user.last_name,
            email: user.email,
            phone: user.phone,
            roles: Roles { kind: user.kind, role: user.role, location_ids: user.location_ids.0 },
            deleted: false,
        }
    }
}

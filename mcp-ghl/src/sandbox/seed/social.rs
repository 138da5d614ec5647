//! The demo's social accounts, and what was and will be posted.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Value, json};

use crate::sandbox::instants;
use crate::sandbox::routes::social_records::{ACCOUNT, GROUP, POST};
use crate::sandbox::seed::DAY_MS;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::shelf::Shelf;
use crate::sandbox::store::Connection;
use crate::sandbox::store::documents::{self, Record};

/// Platform, what it is there, and what is added to the business's name.
const ACCOUNTS: [(&str, &str, &str); 5] = [
    ("facebook", "page", ""),
    ("instagram", "profile", " on Instagram"),
    ("google", "location", " (Google)"),
    ("linkedin", "page", " Careers"),
    ("tiktok", "profile", " TikTok"),
];

/// Whose access has run out.
const EXPIRED: usize = 3;

/// Account, status, days from today, and what it says.
const POSTS: [(usize, &str, i64, &str); 7] = [
    (0, "published", -21, "Meet the team behind the front desk."),
    (1, "published", -14, "Three things nobody tells you before your first visit."),
    (0, "published", -6, "We are hiring! Message us."),
    (2, "failed", -3, "New opening hours from December."),
    (0, "scheduled", 4, "Holiday hours at a glance."),
    (1, "scheduled", 5, "Holiday hours at a glance."),
    (0, "draft", 0, "Spring offer (text not final)."),
];

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location_id: &str,
    now_ms: UnixMillis,
) -> Result<()> {
    let desk = Shelf { business, location_id, now_ms };
    for (number, (platform, kind, suffix)) in ACCOUNTS.into_iter().enumerate() {
        let fields = json!({
            "oauthId": business.id(&format!("oauth/{platform}")), "profileId": business.id(&format!("profile/{platform}")),
            "name": format!("{}{suffix}", business.name), "platform": platform, "type": kind, "meta": {},
            "expire": instants::iso(now_ms + if number == EXPIRED { -2 } else { 50 } * DAY_MS),
            "isExpired": number == EXPIRED,
        });
        documents::save(&mut *connection, &desk.record(ACCOUNT.name, desk.account_id(number), fields, 100)).await?;
    }
    let group = json!({"name": "Everywhere", "accountIds": [desk.account_id(0), desk.account_id(1)]});
    documents::save(&mut *connection, &desk.record(GROUP.name, business.id("social_group"), group, 100)).await?;
    for (number, post) in POSTS.into_iter().enumerate() {
        documents::save(&mut *connection, &desk.post(number, post)).await?;
    }
    Ok(())
}

impl Shelf<'_> {
    /// Three ids in one, as the vendor makes them.
    fn account_id(&self, number: usize) -> String {
        let platform = ACCOUNTS.get(number).map_or("", |account| account.0);
        let id = |what: &str| self.business.id(&format!("{what}/{platform}"));
        format!("{}_{}_{}", id("oauth"), self.location_id, id("origin"))
    }

    fn post(&self, number: usize, (account, status, days_ahead, text): (usize, &str, i64, &str)) -> Record {
        let account_id = self.account_id(account);
        let at = instants::iso(self.now_ms + days_ahead * DAY_MS);
        let mut fields = json!({
            "source": "composer", "platform": ACCOUNTS.get(account).map_or("", |account| account.0),
            "displayDate": at, "accountId": account_id, "accountIds": [account_id], "summary": text, "media": [],
            "status": status, "createdBy": self.business.owner_id(0), "type": "post", "tags": [],
            "error": if status == "failed" { "Failed due to auth token" } else { "" },
        });
        if let (Value::Object(fields), "published") = (&mut fields, status) {
            fields.insert("publishedAt".to_owned(), at.into());
            fields.insert(
                "insights".to_owned(),
                json!({"like": 12 + number * 7, "share": number, "comment": number + 2}),
            );
        }
        self.record(POST.name, self.business.id(&format!("post/{number}")), fields, 30)
    }
}

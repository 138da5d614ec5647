//! Email templates. v3 only: v2 has others, under other paths.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::email_template::{Many, Read, Write};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::email_template::{EmailBody, EmailTemplate, TemplateWrite};
use crate::record_id::RecordId;

pub(super) static LIST: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/templates", "emails/templates.readonly").only_v3();
pub(super) static GET: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/templates/{}", "emails/templates.readonly")
        .only_v3()
        .on("email template");
// Never repeated blindly: the second one would be another template of the same name.
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/emails/locations/{}/templates", "emails/templates.write", Repeat::Never).only_v3();
pub(super) static UPDATE: Operation =
    Operation::write(Method::PATCH, "/emails/locations/{}/templates/{}", "emails/templates.write", Repeat::Idempotent)
        .only_v3()
        .on("email template");

impl Client {
    /// Templates whose name a text finds, latest change first; `limit` is at most 20.
    pub(crate) async fn email_templates(
        &self,
        site: &Site,
        text: &str,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<EmailTemplate>> {
        let offset = Position::skipped(position)?;
        let (offset_text, limit_text) = (offset.to_string(), limit.to_string());
        let mut query = vec![
            ("limit", limit_text.as_str()),
            ("offset", offset_text.as_str()),
            ("sortBy", "updatedAt"),
            ("sortOrder", "desc"),
            ("include", "templates"),
        ];
        if !text.is_empty() {
            query.push(("search", text));
        }
        let ids = [&site.location.id];
        let many: Many = self.send(&site.session, &LIST, &Request::of(&ids).with_query(&query)).await?;
        let received = many.items.len();
        let records = many.items.into_iter().filter_map(Read::into_template).collect();
        Ok(Slice::behind(offset, received, many.total, records))
    }

    /// One template.
    pub(crate) async fn email_template(&self, site: &Site, id: &RecordId) -> Result<EmailTemplate> {
        let read: Read = self.send(&site.session, &GET, &Request::of(&[&site.location.id, id])).await?;
        read.into_template().ok_or_else(unreadable)
    }

    /// Makes a template; `write` has a name and a body.
    pub(crate) async fn create_email_template(&self, site: &Site, write: &TemplateWrite) -> Result<EmailTemplate> {
        let ids = [&site.location.id];
        let request = Request::of(&ids).with_body(&body(write))?;
        let read: Read = self.send(&site.session, &CREATE, &request).await?;
        read.into_template().ok_or_else(unreadable)
    }

    /// Changes a template.
    pub(crate) async fn update_email_template(
        &self,
        site: &Site,
        id: &RecordId,
        write: &TemplateWrite,
    ) -> Result<EmailTemplate> {
        let ids = [&site.location.id, id];
        let request = Request::of(&ids).with_body(&body(write))?;
        let read: Read = self.send(&site.session, &UPDATE, &request).await?;
        read.into_template().ok_or_else(unreadable)
    }
}

fn body(write: &TemplateWrite) -> Write<'_> {
    Write {
        name: write.name.as_deref(),
        editor_type: write.body.as_ref().map(EmailBody::editor),
        editor_content: write.body.as_ref().map(EmailBody::as_str),
        subject_line: write.subject.as_deref(),
        preview_text: write.preview_text.as_deref(),
        from_name: write.from_name.as_deref(),
        from_email: write.from_email.as_deref(),
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the email template")
        .with_hint("call `list_email_templates` before repeating: it may have been written")
}

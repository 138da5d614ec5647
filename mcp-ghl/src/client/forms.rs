//! Forms and surveys, and what people have answered.

use common::error::Result;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::form::{Forms, Read, ReadSubmission, Submissions};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::form::{Form, FormKind, Submission};
use crate::record_id::RecordId;

pub(super) static FORMS: Operation = Operation::read(Method::GET, "/forms/", "forms.readonly");
pub(super) static SURVEYS: Operation = Operation::read(Method::GET, "/surveys/", "surveys.readonly");
pub(super) static FORM_SUBMISSIONS: Operation = Operation::read(Method::GET, "/forms/submissions", "forms.readonly");
pub(super) static SURVEY_SUBMISSIONS: Operation =
    Operation::read(Method::GET, "/surveys/submissions", "surveys.readonly");

/// Forms in one request: the vendor's most (description of `limit`).
const FORMS_PER_PAGE: usize = 50;

/// Most forms that are read of one location; a name beyond is not found.
const FORMS_MAX: usize = 500;

/// Which answers are looked for; everything given must hold.
#[derive(Debug)]
pub(crate) struct SubmissionQuery {
    pub(crate) kind: FormKind,
    pub(crate) form_id: Option<RecordId>,
    /// Contact id, name, email or phone number.
    pub(crate) text: Option<String>,
    /// First day, `2026-11-01`.
    pub(crate) from: String,
    /// Last day.
    pub(crate) to: String,
}

impl Client {
    /// A location's forms or surveys, at most 500.
    pub(crate) async fn forms(&self, site: &Site, kind: FormKind) -> Result<Vec<Form>> {
        let operation = match kind {
            FormKind::Form => &FORMS,
            FormKind::Survey => &SURVEYS,
        };
        let limit = FORMS_PER_PAGE.to_string();
        let mut all = Vec::new();
        let mut skip = 0;
        while skip < FORMS_MAX {
            let skip_text = skip.to_string();
            let query = [("locationId", site.location.id.as_str()), ("skip", &skip_text), ("limit", &limit)];
            let page: Forms = self.send(&site.session, operation, &Request::default().with_query(&query)).await?;
            let received = page.forms.len();
            all.extend(page.forms.into_iter().filter_map(Read::into_form));
            if received < FORMS_PER_PAGE {
                break;
            }
            skip = skip.saturating_add(received);
        }
        Ok(all)
    }

    /// What people have answered, newest first.
    pub(crate) async fn submissions(
        &self,
        site: &Site,
        query: &SubmissionQuery,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<Submission>> {
        let page = Position::page_number(position)?;
        let (page_text, limit_text) = (page.to_string(), limit.to_string());
        let (operation, form_id) = match query.kind {
            FormKind::Form => (&FORM_SUBMISSIONS, "formId"),
            FormKind::Survey => (&SURVEY_SUBMISSIONS, "surveyId"),
        };
        let mut parameters = vec![
            ("locationId", site.location.id.as_str()),
            ("page", page_text.as_str()),
            ("limit", limit_text.as_str()),
            ("startAt", query.from.as_str()),
            ("endAt", query.to.as_str()),
        ];
        parameters.extend(query.form_id.as_ref().map(|id| (form_id, id.as_str())));
        parameters.extend(query.text.as_deref().map(|text| ("q", text)));
        let read: Submissions =
            self.send(&site.session, operation, &Request::default().with_query(&parameters)).await?;
        let next = read.meta.has_next().then(|| Position::Page(page.saturating_add(1)));
        let records = read.submissions.into_iter().filter_map(ReadSubmission::into_submission).collect();
        Ok(Slice { records, total: read.meta.total(), next })
    }
}

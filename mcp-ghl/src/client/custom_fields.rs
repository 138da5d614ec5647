//! Custom fields: how they are defined.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::locations::CUSTOM_FIELDS;
use super::operation::Operation;
use super::request::Request;
use super::wire::custom_field::{Many, One, Read, Write, labelled, vendor_type};
use super::{Client, Site};
use crate::custom_field::Model;
use crate::custom_field::definition::{Definition, DefinitionWrite, FieldType, OptionsForm};
use crate::record_id::RecordId;

pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/locations/{}/customFields", "locations/customFields.write", Repeat::Never);
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/locations/{}/customFields/{}", "locations/customFields.write", Repeat::Idempotent)
        .on("custom field");

impl Client {
    /// How the location's fields on contacts and opportunities are defined.
    pub(crate) async fn field_definitions(&self, site: &Site) -> Result<Vec<Definition>> {
        let ids = [&site.location.id];
        let request = Request::of(&ids).with_query(&[("model", "all")]);
        let many: Many = self.send(&site.session, &CUSTOM_FIELDS, &request).await?;
        Ok(many.custom_fields.into_iter().filter_map(Read::into_definition).collect())
    }

    /// Defines another field.
    pub(crate) async fn create_field(
        &self,
        site: &Site,
        model: Model,
        field_type: FieldType,
        write: &DefinitionWrite,
    ) -> Result<Definition> {
        let body = Write {
            name: write.name.as_deref().unwrap_or_default(),
            data_type: Some(vendor_type(field_type)),
            model: Some(model),
            ..Write::default()
        };
        Ok(self.write_field(site, &CREATE, &[&site.location.id], body, write.options.as_deref()).await?.0)
    }

    /// Changes how a field is defined; says how the vendor took its options.
    pub(crate) async fn update_field(
        &self,
        site: &Site,
        field: &Definition,
        write: &DefinitionWrite,
    ) -> Result<(Definition, OptionsForm)> {
        let body =
            Write { name: write.name.as_deref().unwrap_or(&field.name), model: Some(field.model), ..Write::default() };
        self.write_field(site, &UPDATE, &[&site.location.id, &field.id], body, write.options.as_deref()).await
    }

    /// Options go in the documented form first. Where the vendor refuses it and names `options`, which has done nothing,
    /// they go once more as the plain list that integrators say it asks for (seen 2026-11).
    async fn write_field(
        &self,
        site: &Site,
        operation: &Operation,
        ids: &[&RecordId],
        mut body: Write<'_>,
        options: Option<&[String]>,
    ) -> Result<(Definition, OptionsForm)> {
        let options = options.unwrap_or_default();
        let mut form = OptionsForm::Labelled;
        body.text_box_list_options = (!options.is_empty()).then(|| labelled(options));
        let written = self.send::<One>(&site.session, operation, &Request::of(ids).with_body(&body)?).await;
        let one = match written {
            Err(error) if !options.is_empty() && is_about_options(&error) => {
                (body.text_box_list_options, body.options) = (None, Some(options));
                form = OptionsForm::Listed;
                self.send::<One>(&site.session, operation, &Request::of(ids).with_body(&body)?).await?
            }
            written => written?,
        };
        let field = one.custom_field.and_then(Read::into_definition).ok_or_else(|| {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the custom field")
                .with_hint("read it back before repeating: it may have been written")
        })?;
        Ok((field, form))
    }
}

fn is_about_options(error: &Error) -> bool {
    error.details().faults.iter().any(|fault| fault.field == "/options")
}

//! The paths that the CRM's own REST clients ask for, each a tool under another name.

use common::tool::Alias;

/// The CRM service and the tag webhook of the design; leads are contacts here, companies are businesses.
pub(crate) const ALL: &[Alias] = &[
    Alias::get("/api/leads", "search_contacts"),
    Alias::post("/api/leads", "upsert_contact"),
    Alias::get("/api/leads/{contact}", "get_contact"),
    Alias::put("/api/leads/{contact}", "update_contact"),
    Alias::delete("/api/leads/{contact}", "delete_contact"),
    Alias::get("/api/contacts", "search_contacts"),
    Alias::post("/api/contacts", "upsert_contact"),
    Alias::get("/api/contacts/{contact}", "get_contact"),
    Alias::put("/api/contacts/{contact}", "update_contact"),
    Alias::delete("/api/contacts/{contact}", "delete_contact"),
    Alias::get("/api/companies", "list_businesses"),
    Alias::post("/api/companies", "save_business"),
    Alias::get("/api/companies/{business}", "list_businesses"),
    Alias::put("/api/companies/{business}", "save_business").renaming(&[("business", "name")]),
    // `/update-stage?email=…&new_tag=…`, as affiliate systems call it.
    Alias::post("/update-stage", "set_contact_tags").from_query().renaming(&[("email", "contact"), ("new_tag", "add")]),
];

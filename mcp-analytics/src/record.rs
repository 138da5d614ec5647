//! The kinds of records that data sets are made of, and the fields of each.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the rows of a table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Customers,
    Transactions,
    Touches,
    Spend,
    Experiments,
    FunnelSteps,
}

impl RecordKind {
    /// In the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Customers, Self::Transactions, Self::Touches, Self::Spend, Self::Experiments, Self::FunnelSteps];

    /// The spelling on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Transactions => "transactions",
            Self::Touches => "touches",
            Self::Spend => "spend",
            Self::Experiments => "experiments",
            Self::FunnelSteps => "funnel_steps",
        }
    }

    /// The kind that a text spells.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The fields of its records, in the order of the table's columns.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Customers => CUSTOMERS,
            Self::Transactions => TRANSACTIONS,
            Self::Touches => TOUCHES,
            Self::Spend => SPEND,
            Self::Experiments => EXPERIMENTS,
            Self::FunnelSteps => FUNNEL_STEPS,
        }
    }

    /// The field that must not have the same value twice.
    #[must_use]
    pub const fn unique_field(self) -> Option<&'static str> {
        match self {
            Self::Customers => Some("customer_id"),
            Self::Transactions => Some("transaction_id"),
            Self::Touches | Self::Spend | Self::Experiments | Self::FunnelSteps => None,
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// What the data set calls a person.
    Customer,
    /// Text of at most 200 characters; longer is cut.
    Text,
    /// Milliseconds since 1970, UTC.
    Instant,
    /// Minor units of the record's currency.
    Money,
    /// ISO 4217, three capitals.
    Currency,
    /// Yes or no, or nothing known.
    Flag,
    /// A whole number, zero or more.
    Count,
}

/// A field of a kind of record.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub holds: FieldType,
    pub is_required: bool,
    /// How columns are called that hold it, without case and signs. Sources: exports of Shopify, Stripe, `HubSpot`,
    /// Klaviyo, GoHighLevel, `WooCommerce`, Google Ads and Meta Ads as of 2026-11.
    pub known_as: &'static [&'static str],
}

const fn required(name: &'static str, holds: FieldType, known_as: &'static [&'static str]) -> Field {
    Field { name, holds, is_required: true, known_as }
}

const fn optional(name: &'static str, holds: FieldType, known_as: &'static [&'static str]) -> Field {
    Field { name, holds, is_required: false, known_as }
}

const CUSTOMER: &[&str] = &[
    "customerid",
    "customer",
    "contactid",
    "clientid",
    "userid",
    "cust",
    "custid",
    "householdid",
    "accountid",
    "profileid",
    "personid",
    "memberid",
    "subscriberid",
    "customeremail",
    "email",
];
/// In a table of people their id needs no other name.
const OWN_ID: &[&str] = &[
    "customerid",
    "contactid",
    "clientid",
    "userid",
    "custid",
    "householdid",
    "accountid",
    "profileid",
    "personid",
    "memberid",
    "subscriberid",
    "customer",
    "id",
    "recordid",
    "email",
    "emailaddress",
];
const AT: &[&str] = &[
    "at",
    "date",
    "timestamp",
    "time",
    "createdat",
    "orderdate",
    "purchasedate",
    "transactiondate",
    "datetime",
    "occurredat",
    "day",
    "created",
    "createdutc",
    "processedat",
    "invoicedate",
];
const AMOUNT: &[&str] = &[
    "amount",
    "total",
    "value",
    "revenue",
    "price",
    "sales",
    "ordertotal",
    "totalprice",
    "netsales",
    "subtotal",
    "spent",
    "spend",
    "salesvalue",
    "monetary",
];
const CURRENCY: &[&str] = &["currency", "currencycode", "presentmentcurrency"];
const CHANNEL: &[&str] = &["channel", "medium", "utmmedium", "saleschannel", "sourcemedium", "platform"];
const CAMPAIGN: &[&str] = &["campaign", "campaignname", "utmcampaign"];

const CUSTOMERS: &[Field] = &[
    required("customer_id", FieldType::Customer, OWN_ID),
    optional("email", FieldType::Text, &["email", "emailaddress", "customeremail", "mail"]),
    optional("phone", FieldType::Text, &["phone", "phonenumber", "mobile", "tel"]),
    optional("name", FieldType::Text, &["name", "fullname", "customername", "contactname"]),
    optional(
        "consent",
        FieldType::Flag,
        &[
            "consent",
            "acceptsmarketing",
            "acceptsemailmarketing",
            "marketingconsent",
            "optin",
            "subscribed",
            "gdprconsent",
        ],
    ),
    optional("consent_at", FieldType::Instant, &["consentat", "consentdate", "optindate", "subscribedat"]),
    optional("since", FieldType::Instant, &["since", "createdat", "signupdate", "customersince", "addedat", "created"]),
    optional("country", FieldType::Text, &["country", "countrycode"]),
    optional("channel", FieldType::Text, CHANNEL),
    optional("stage", FieldType::Text, &["stage", "lifecyclestage", "status"]),
    optional("source", FieldType::Text, &["source", "leadsource", "origin", "utmsource"]),
];

const TRANSACTIONS: &[Field] = &[
    required("customer_id", FieldType::Customer, CUSTOMER),
    required("at", FieldType::Instant, AT),
    required("amount", FieldType::Money, AMOUNT),
    required("currency", FieldType::Currency, CURRENCY),
    optional(
        "transaction_id",
        FieldType::Text,
        &[
            "transactionid",
            "orderid",
            "ordernumber",
            "order",
            "invoiceid",
            "invoiceno",
            "chargeid",
            "paymentid",
            "basketid",
            "id",
        ],
    ),
    optional("product", FieldType::Text, &["product", "productid", "sku", "item", "lineitemname"]),
    optional("channel", FieldType::Text, CHANNEL),
];

const TOUCHES: &[Field] = &[
    required("customer_id", FieldType::Customer, CUSTOMER),
    required("at", FieldType::Instant, AT),
    required("channel", FieldType::Text, CHANNEL),
    optional("action", FieldType::Text, &["action", "event", "eventname", "type", "interaction"]),
    optional("campaign", FieldType::Text, CAMPAIGN),
];

const SPEND: &[Field] = &[
    required("at", FieldType::Instant, AT),
    required("channel", FieldType::Text, CHANNEL),
    required("amount", FieldType::Money, &["amount", "cost", "spend", "amountspent", "adspend", "total"]),
    required("currency", FieldType::Currency, CURRENCY),
    optional("campaign", FieldType::Text, CAMPAIGN),
    optional("impressions", FieldType::Count, &["impressions", "impr"]),
    optional("clicks", FieldType::Count, &["clicks", "linkclicks"]),
];

const EXPERIMENTS: &[Field] = &[
    required("customer_id", FieldType::Customer, CUSTOMER),
    required("experiment", FieldType::Text, &["experiment", "experimentid", "experimentname", "test"]),
    required("variant", FieldType::Text, &["variant", "variation", "variationid", "group", "arm"]),
    optional("at", FieldType::Instant, AT),
    optional("converted", FieldType::Flag, &["converted", "conversion", "isconverted", "success"]),
    optional("amount", FieldType::Money, AMOUNT),
    optional("currency", FieldType::Currency, CURRENCY),
];

const FUNNEL_STEPS: &[Field] = &[
    required("customer_id", FieldType::Customer, CUSTOMER),
    required("step", FieldType::Text, &["step", "stepname", "event", "eventname", "stage", "page"]),
    required("at", FieldType::Instant, AT),
    optional("funnel", FieldType::Text, &["funnel", "funnelname"]),
];

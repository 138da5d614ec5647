//! What those who try the demo agency must know of it: its id, its locations, and the tokens that open them.

use crate::sandbox::ids;

/// Opens the agency's endpoints of the demo: `GET /locations/search` and its like.
pub const AGENCY_TOKEN: &str = "pit-demo-agency";

/// A demo location and the token that opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoLocation {
    pub slug: &'static str,
    pub name: &'static str,
    pub token: &'static str,
    /// The location's id, 20 characters of base62.
    pub id: &'static str,
}

/// All demo locations, in the order of their size. Their ids are the same in every run.
pub const DEMO_LOCATIONS: [DemoLocation; 3] = [
    DemoLocation {
        slug: "dental",
        name: "Brightside Dental Group",
        token: "pit-demo-dental",
        id: "RtzBzEQ3Hh0tAFjfNGAq",
    },
    DemoLocation { slug: "gym", name: "Iron Harbor Gym", token: "pit-demo-gym", id: "XTfrnnXMW0JsMYckhMRY" },
    DemoLocation {
        slug: "courses",
        name: "Course Compass Academy",
        token: "pit-demo-courses",
        id: "71zmNrUUSAzD9nhM9kYj",
    },
];

/// The demo agency's id.
#[must_use]
pub fn company_id() -> String {
    ids::named("agency")
}

//! EYES: people put into segments by what they do, searched in a bounded number of tries, and offered only as far as the
//! evidence carries.

mod gates;
mod naming;
mod search;
mod tried;

use analytics_methods::fault::Fault;
use analytics_methods::matrix::Matrix;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use gates::{GateSettings, Verdict};
pub use naming::{Traits, traits};
pub use search::{Found, SearchSettings, search};
pub use tried::{Algorithm, Try};

/// A condition, and whether it is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    pub name: &'static str,
    pub wanted: f64,
    pub found: Option<f64>,
    pub is_passed: bool,
}

/// How columns are brought to one measure before distances are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// ln(1 + x), then mean 0 and standard deviation 1.
    #[default]
    Log,
    /// Mean 0 and standard deviation 1.
    Standard,
}

/// People by features, scaled.
///
/// # Errors
/// What is wrong with the numbers.
pub fn scaled(data: &Matrix, scale: Scale) -> Result<Matrix, Fault> {
    use analytics_methods::scaling::{Scaling, Shape, Unit};
    let shape = match scale {
        Scale::Log => Shape::Log1p,
        Scale::Standard => Shape::AsIs,
    };
    let ways = vec![(shape, Unit::Standard); data.columns()];
    Scaling::of(data, &ways)?.apply(data)
}

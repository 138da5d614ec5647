//! A span of time that an expression gives.

use std::time::Duration;

use serde_json::Value;

use super::input::Failure;

/// Ten years, as for spans that stand in the definition.
const SPAN_MAX: Duration = Duration::from_hours(3_660 * 24);
/// Units of the DSL's form, in milliseconds.
const UNITS: [(&str, u64); 5] =
    [("days", 86_400_000), ("hours", 3_600_000), ("minutes", 60_000), ("seconds", 1_000), ("milliseconds", 1)];

/// Reads ISO 8601 (`P3DT2H`, a day being 24 hours) or the DSL's `{days, hours, minutes, seconds, milliseconds}`.
///
/// # Errors
/// A failure of the step that says what form is needed.
pub(super) fn read(what: &str, value: &Value) -> Result<Duration, Box<Failure>> {
    let wrong = || Box::new(Failure::wrong_form(what, "a span such as `PT5M` or `{minutes: 5}`", value));
    match value {
        Value::String(text) => {
            let span: jiff::Span = text.parse().map_err(|_| wrong())?;
            let hours_per_day = jiff::SpanRelativeTo::days_are_24_hours();
            let duration = span.to_duration(hours_per_day).map_err(|_| wrong())?;
            Duration::try_from(duration).ok().filter(|span| *span <= SPAN_MAX).ok_or_else(wrong)
        }
        Value::Object(fields) => {
            let mut millis = 0_u64;
            for (name, count) in fields {
                let (_, unit) = UNITS.iter().find(|(unit, _)| unit == name).ok_or_else(wrong)?;
                let count = count.as_u64().ok_or_else(wrong)?;
                millis = millis.saturating_add(count.saturating_mul(*unit));
            }
            Some(Duration::from_millis(millis)).filter(|span| *span <= SPAN_MAX).ok_or_else(wrong)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_are_read_and_others_refused() {
        assert_eq!(read("wait", &json!("P3DT2H")).unwrap(), Duration::from_hours(74));
        assert_eq!(read("wait", &json!("PT0.25S")).unwrap(), Duration::from_millis(250));
        assert_eq!(read("wait", &json!({"minutes": 5, "seconds": 1})).unwrap(), Duration::from_secs(301));
        for wrong in [
            json!("soon"),
            json!(5),
            json!({"weeks": 1}),
            json!({"days": -1}),
            json!("-PT5S"),
            json!("P20Y"),
            json!({"days": 4_000}),
        ] {
            assert!(read("wait", &wrong).is_err(), "{wrong}");
        }
    }
}

//! When things are due, at the changes of clocks too.

use jiff::Timestamp;

use super::*;

fn ms(instant: &str) -> UnixMillis {
    instant.parse::<Timestamp>().expect(instant).as_millisecond()
}

fn said(at_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(at_ms).expect("an instant").to_string()
}

fn following(beat: &Beat, after: &str, count: usize) -> Vec<String> {
    let following = std::iter::successors(beat.next_after(ms(after)), |at_ms| beat.next_after(*at_ms));
    following.take(count).map(said).collect()
}

#[test]
fn local_times_stay_local_when_the_clocks_change() {
    let nine = Beat::cron("0 9 * * *", Some("Europe/Berlin")).unwrap();
    // On 2026-03-29 clocks go forward at 02:00, on 2026-10-25 back at 03:00.
    assert_eq!(
        following(&nine, "2026-03-28T00:00:00Z", 3),
        ["2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"]
    );
    assert_eq!(following(&nine, "2026-10-24T12:00:00Z", 2), ["2026-10-25T08:00:00Z", "2026-10-26T08:00:00Z"]);
}

#[test]
fn a_local_time_that_is_left_out_comes_once_and_one_that_comes_twice_comes_once() {
    let half_past_two = Beat::cron("30 2 * * *", Some("Europe/Berlin")).unwrap();
    let forward = following(&half_past_two, "2026-03-28T12:00:00Z", 2);
    assert_eq!(forward, ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]);
    let back = following(&half_past_two, "2026-10-24T12:00:00Z", 2);
    assert_eq!(back, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
}

#[test]
fn spans_do_not_care_for_clocks_nor_for_late_starts() {
    let since_ms = ms("2026-03-28T23:10:00Z");
    let hourly = Beat::every(3_600_000, since_ms);
    assert_eq!(following(&hourly, "2026-03-29T00:59:00Z", 2), ["2026-03-29T01:10:00Z", "2026-03-29T02:10:00Z"]);
    assert_eq!(hourly.next_after(since_ms - 5), Some(since_ms + 3_600_000));
    assert_eq!(hourly.last_until(since_ms + 1), None);
}

#[test]
fn after_downtime_one_run_is_made_up_for_unless_all_or_none_are_asked_for() {
    let hourly = Beat::cron("0 * * * *", None).unwrap();
    let (due, now) = (ms("2026-11-20T09:00:00Z"), ms("2026-11-20T12:30:00Z"));
    let starts = |missed| hourly.turn(due, now, missed);
    let next_ms = Some(ms("2026-11-20T13:00:00Z"));
    assert_eq!(starts(Missed::One), Turn { starts: vec![ms("2026-11-20T12:00:00Z")], next_ms });
    assert_eq!(starts(Missed::None), Turn { starts: Vec::new(), next_ms });
    let all = starts(Missed::All);
    assert_eq!((all.starts.len(), all.starts.first(), all.next_ms), (4, Some(&due), next_ms));
    // What is merely a little late is not missed.
    let late = hourly.turn(due, due + 20_000, Missed::None);
    assert_eq!(late, Turn { starts: vec![due], next_ms: Some(ms("2026-11-20T10:00:00Z")) });
}

#[test]
fn a_long_downtime_is_made_up_for_in_bounded_steps() {
    let minutely = Beat::cron("* * * * *", None).unwrap();
    let (due, now) = (ms("2024-01-01T00:00:00Z"), ms("2026-11-20T12:30:30Z"));
    assert_eq!(minutely.turn(due, now, Missed::One).starts, [ms("2026-11-20T12:30:00Z")]);
    let all = minutely.turn(due, now, Missed::All);
    assert_eq!(all.starts.len(), STARTS_MAX);
    assert_eq!(all.next_ms, Some(due + 60_000 * 100));
    let yearly = Beat::cron("0 0 29 2 *", None).unwrap();
    assert_eq!(yearly.last_until(now).map(said), Some("2024-02-29T00:00:00Z".to_owned()));
}

#[test]
fn nothing_is_started_before_its_time() {
    let hourly = Beat::cron("0 * * * *", None).unwrap();
    let due = ms("2026-11-20T09:00:00Z");
    assert_eq!(hourly.turn(due, due - 1, Missed::All), Turn { starts: Vec::new(), next_ms: Some(due) });
}

use super::*;

#[test]
fn counters_and_gauges_are_shown_with_sorted_escaped_labels() {
    let labels = [("method", "a\"b\\c\nd"), ("code", "OK")];
    counter("colibri_test_calls_total", &labels).inc();
    counter("colibri_test_calls_total", &[labels[1], labels[0]]).add(2);
    let gauge = gauge("colibri_test_lag", &[]);
    gauge.set(5);
    gauge.add(-7);
    let text = render();
    let line = r#"colibri_test_calls_total{code="OK",method="a\"b\\c\nd"} 3"#;
    assert!(text.contains(&format!("\n{line}\n")), "{text}");
    assert!(text.contains("# TYPE colibri_test_lag gauge\ncolibri_test_lag -2\n"));
}

#[test]
fn a_histogram_of_times_counts_microseconds_and_shows_seconds() {
    let times = histogram("colibri_test_seconds", &[("x", "1")]);
    times.observe(Duration::from_micros(100));
    times.observe(Duration::from_micros(101));
    times.observe(Duration::from_secs(3600));
    let text = render();
    for line in [
        r#"colibri_test_seconds_bucket{x="1",le="0.0001"} 1"#,
        r#"colibri_test_seconds_bucket{x="1",le="0.00025"} 2"#,
        r#"colibri_test_seconds_bucket{x="1",le="60"} 2"#,
        r#"colibri_test_seconds_bucket{x="1",le="+Inf"} 3"#,
        r#"colibri_test_seconds_sum{x="1"} 3600.000201"#,
        r#"colibri_test_seconds_count{x="1"} 3"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_histogram_of_counts_stays_whole() {
    let sizes = histogram_counts("colibri_test_batch", &[]);
    for size in [1, 3, 1000] {
        sizes.record(size);
    }
    let text = render();
    assert!(text.contains("colibri_test_batch_bucket{le=\"5\"} 2\n"));
    assert!(text.contains("colibri_test_batch_sum 1004\n"));
    assert_eq!(sizes.count(), 3);
}

#[test]
fn too_many_label_sets_are_counted_together() {
    for i in 0..SERIES_MAX + 50 {
        counter("colibri_test_many_total", &[("i", &i.to_string())]).inc();
    }
    let text = render();
    assert!(text.contains("colibri_test_many_total{i=\"other\"} 50\n"));
    let lines = text.lines();
    let many = lines.filter(|line| line.starts_with("colibri_test_many_total{"));
    assert_eq!(many.count(), SERIES_MAX + 1);
}

//! HTML of emails: made of plain text, and read as plain text. No parser: what it cannot read, it leaves out.

/// Elements whose content nobody reads.
const UNSEEN: [&str; 4] = ["head", "script", "style", "title"];

/// Elements that end a line.
const BREAKS: [&str; 11] = ["br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table"];

/// Plain text as HTML that shows exactly it: blank lines part paragraphs, nothing in it is markup.
pub(crate) fn of_text(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|paragraph| !paragraph.is_empty());
    let paragraph = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
        format!("<p>{}</p>", lines.join("<br>\n"))
    };
    paragraphs.map(paragraph).collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What HTML says, as lines of plain text. Text that is no HTML comes back as it is.
pub(crate) fn to_text(html: &str) -> String {
    if !has_markup(html) {
        return html.trim().to_owned();
    }
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, behind)) = rest.split_once('<') {
        push_words(&mut text, before);
        if let Some(tag) = Tag::read(behind) {
            if BREAKS.contains(&tag.name.as_str()) {
                text.push('\n');
            }
            rest = tag.behind;
        } else {
            text.push('<');
            rest = behind;
        }
    }
    push_words(&mut text, rest);
    tidy(&text)
}

fn has_markup(text: &str) -> bool {
    text.split('<').skip(1).any(|behind| Tag::read(behind).is_some())
}

/// A tag and what follows it; for an element that nobody sees, what follows the whole element.
struct Tag<'a> {
    name: String,
    behind: &'a str,
}

impl<'a> Tag<'a> {
    /// `text` begins behind the `<`. `None` if it is no tag: a sign for "less than".
    fn read(text: &'a str) -> Option<Self> {
        if let Some(comment) = text.strip_prefix("!--") {
            let behind = comment.split_once("-->").map_or("", |(_, behind)| behind);
            return Some(Self { name: String::new(), behind });
        }
        let is_closing = text.starts_with('/');
        let inner = text.trim_start_matches(['/', '!', '?']);
        let name: String = inner.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        let (_, mut behind) = text.split_once('>')?;
        if !is_closing && UNSEEN.contains(&name.as_str()) {
            behind = behind_element(behind, &name);
        }
        Some(Self { name, behind })
    }
}

/// Behind `</name …>`; nothing if the element never ends.
fn behind_element<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("</") {
        // Compared piece by piece: lower-casing the whole text could move its letters.
        if behind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return behind.split_once('>').map_or("", |(_, behind)| behind);
        }
        rest = behind;
    }
    ""
}

/// Words with single spaces between them: line breaks of the source mean nothing.
fn push_words(text: &mut String, source: &str) {
    let decoded = decoded(source);
    for letter in decoded.chars() {
        if !letter.is_whitespace() {
            text.push(letter);
        } else if !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

/// Resolves the references that emails are full of; others stay as they are.
fn decoded(source: &str) -> String {
    let mut pieces = source.split('&');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let resolved = piece.split_once(';').and_then(|(name, behind)| Some((character(name)?, behind)));
        if let Some((character, behind)) = resolved {
            text.push(character);
            text.push_str(behind);
        } else {
            text.push('&');
            text.push_str(piece);
        }
    }
    text
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Trimmed lines, at most one of them blank in a row.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for line in text.lines().map(str::trim) {
        if line.is_empty() && (tidy.is_empty() || tidy.ends_with("\n\n")) {
            continue;
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_html_that_shows_exactly_it() {
        let text = "Hi Ada & co,\nline two <script>alert('x')</script>\n\n\"Bye\"";
        let html = of_text(text);
        let expected = "<p>Hi Ada &amp; co,<br>\nline two &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>\n\
            <p>&quot;Bye&quot;</p>";
        assert_eq!(html, expected);
        assert_eq!(to_text(&html), "Hi Ada & co,\nline two <script>alert('x')</script>\n\n\"Bye\"");
    }

    #[test]
    fn html_is_read_without_its_markup() {
        let cases = [
            ("plain < text & more", "plain < text & more"),
            ("<p>a</p><p>b&nbsp;c</p>", "a\n\nb c"),
            ("<DIV>a\n  b<BR/>c</DIV>", "a b\nc"),
            ("<html><head><title>t</title></head><style>p{}</style><body>x <!-- hidden -->y</body>", "x y"),
            ("<script>if (a</b) {}</SCRIPT>z", "z"),
            ("<p>1 < 2 &amp; 3 &#8364; &#x41; &unknown; &</p>", "1 < 2 & 3 € A &unknown; &"),
            ("<a href=\"https://example.com\">link</a", "link</a"),
            ("<p>open <script>never ends", "open"),
        ];
        for (html, text) in cases {
            assert_eq!(to_text(html), text, "{html}");
        }
    }
}

//! The elements of the picture, as text. Everything from the design is escaped here, and only here.

use std::fmt::Write as _;

use keyfold_model::template::literal_hash;

/// The console's colours, and twelve hues of one lightness by which entities are recognised.
const STYLE: &str = "\
svg{--ground:#f7f7f5;--raised:#fff;--head:#f0f1ee;--text:#1c1d20;--muted:#5d616a;--line:#d9dad6;--accent:#2f5bd7}
@media(prefers-color-scheme:dark){svg{--ground:#111316;--raised:#191c20;--head:#20242a;--text:#e6e7ea;--muted:#9ba1ab;--line:#33383f;--accent:#86a5ff}}
text{font:400 13px Inter,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--text)}
.title{font-size:27px;font-weight:700}.section{font-size:17px;font-weight:700}
.name{font-size:14px;font-weight:550}.pattern{font-size:14px;font-weight:700;fill:var(--accent)}
.mono,.key{font:400 13px 'JetBrains Mono',ui-monospace,'Cascadia Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace}
.key{font-weight:700}.small{font-size:12px}.muted{fill:var(--muted)}.literal{fill:var(--muted)}.key .literal{fill:var(--text)}
.badge{font-size:11px;fill:var(--muted)}
.ground{fill:var(--ground)}.box{fill:var(--raised);stroke:var(--line)}.head{fill:var(--head)}.pill{fill:none;stroke:var(--line)}
.bar{fill:var(--accent)}.link{fill:none;stroke:var(--accent);stroke-width:1.5;opacity:.55}.rule{stroke:var(--line)}
";

const HUES: [&str; 12] = [
    "#d47072", "#ce7947", "#ba8824", "#97982f", "#67a559", "#1caa86", "#00a8b0", "#1e9fd0",
    "#6492de", "#9284d9", "#b478c2", "#ca709d",
];

/// Widths are of wide fonts: `DejaVu Sans` takes 0.6 em a letter.
pub fn sans_width(text: &str, size: f32) -> f32 {
    text.chars()
        .map(|c| match c {
            'i' | 'l' | 'j' | '.' | ',' | ':' | '\'' | ' ' | '|' => 0.34,
            'm' | 'w' | 'M' | 'W' => 0.9,
            c if c.is_uppercase() => 0.7,
            c if c.is_ascii() => 0.59,
            // Ideographs take a whole em.
            _ => 1.0,
        })
        .sum::<f32>()
        * size
}

pub fn mono_width(text: &str) -> f32 {
    text.chars()
        .map(|c| if c.is_ascii() { 7.83 } else { 13.0 })
        .sum()
}

/// Text in lines of at most this width; the last ends in `…` where more would follow.
pub fn wrapped(text: &str, width: f32, size: f32, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if sans_width(line, size) + sans_width(word, size) + size / 3.0 <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines
}

#[derive(Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture whose size is known when all is drawn.
pub struct Svg {
    title: String,
    body: String,
}

impl Svg {
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            body: String::new(),
        }
    }

    pub fn text(&mut self, x: f32, y: f32, class: &str, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\"{anchor}>{}</text>",
            escaped(text)
        );
    }

    /// Text that says more when it is pointed at.
    pub fn titled(&mut self, x: f32, y: f32, class: &str, text: &str, title: &str) {
        let title = match title {
            "" => String::new(),
            title => format!("<title>{}</title>", escaped(title)),
        };
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\">{title}{}</text>",
            escaped(text)
        );
    }

    /// Text in a fixed-width font, cut to the width there is.
    pub fn cut(&mut self, x: f32, y: f32, class: &str, text: &str, width: f32) {
        if mono_width(text) <= width {
            return self.text(x, y, class, Anchor::Start, text);
        }
        self.titled(x, y, class, &shortened(text, width), text);
    }

    /// A key template: what is literal muted, the parts plain.
    pub fn key(&mut self, x: f32, y: f32, class: &str, template: &str, width: f32) {
        let shown = if mono_width(template) <= width {
            template.to_owned()
        } else {
            shortened(template, width)
        };
        let title = if shown == template {
            String::new()
        } else {
            format!("<title>{}</title>", escaped(template))
        };
        let mut spans = String::new();
        let mut rest = shown.as_str();
        while !rest.is_empty() {
            let (literal, part) = match rest.find('{') {
                Some(at) => rest.split_at(at),
                None => (rest, ""),
            };
            let end = part.find('}').map_or(part.len(), |at| at + 1);
            let (part, after) = part.split_at(end);
            if !literal.is_empty() {
                let _ = write!(
                    spans,
                    "<tspan class=\"literal\">{}</tspan>",
                    escaped(literal)
                );
            }
            spans.push_str(&escaped(part));
            rest = after;
        }
        let _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\">{title}{spans}</text>"
        );
    }

    pub fn card(&mut self, x: f32, y: f32, width: f32, height: f32, head: f32) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"6\" class=\"box\"/>\
             <path d=\"M{x:.1} {:.1}v{:.1}q0 -6 6 -6h{:.1}q6 0 6 6v{:.1}z\" class=\"head\"/>\
             <path d=\"M{x:.1} {:.1}h{width:.1}\" class=\"rule\"/>",
            y + head - 4.0,
            -(head - 10.0),
            width - 12.0,
            head - 10.0,
            y + head - 4.0,
        );
    }

    /// The entity's colour, the same in every picture.
    pub fn chip(&mut self, x: f32, y: f32, entity: &str) {
        let hue = HUES[literal_hash(entity) as usize % HUES.len()];
        let _ = writeln!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"10\" height=\"10\" rx=\"3\" fill=\"{hue}\"/>"
        );
    }

    pub fn badge(&mut self, x: f32, y: f32, width: f32, text: &str) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"18\" rx=\"9\" class=\"pill\"/>"
        );
        self.text(x + width / 2.0, y + 13.0, "badge", Anchor::Middle, text);
    }

    pub fn bar(&mut self, x: f32, y: f32, height: f32) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"3\" height=\"{height:.1}\" rx=\"1.5\" class=\"bar\"/>"
        );
    }

    /// From a pattern to what it reads, with a dot at the end.
    pub fn line(&mut self, from_x: f32, from_y: f32, to_x: f32, to_y: f32) {
        let middle = f32::midpoint(from_x, to_x);
        let _ = writeln!(
            self.body,
            "<path d=\"M{from_x:.1} {from_y:.1}C{middle:.1} {from_y:.1} {middle:.1} {to_y:.1} {:.1} {to_y:.1}\" class=\"link\"/>\
             <circle cx=\"{:.1}\" cy=\"{to_y:.1}\" r=\"3\" class=\"bar\"/>",
            to_x + 6.0,
            to_x + 6.0,
        );
    }

    pub fn finish(self, width: f32, height: f32) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" aria-label=\"{} as item collections and access patterns\">\n\
             <style>{STYLE}</style>\n\
             <rect width=\"100%\" height=\"100%\" class=\"ground\"/>\n{}</svg>\n",
            escaped(&self.title),
            self.body
        )
    }
}

fn shortened(text: &str, width: f32) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if mono_width(&out) + 2.0 * 7.83 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// For text and quoted attributes; characters that XML cannot hold become spaces.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

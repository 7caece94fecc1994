//! The form of the committed files: one space a level, lists of numbers on one line.

use serde_json::Value;

/// The text of a file.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let entries = members.iter().map(|(name, member)| (format!("{}: ", Value::from(name.as_str())), member));
            block(('{', '}'), entries, depth, out);
        }
        Value::Array(items) if items.iter().all(Value::is_number) => {
            let items: Vec<_> = items.iter().map(Value::to_string).collect();
            out.push_str(&format!("[{}]", items.join(", ")));
        }
        Value::Array(items) => block(('[', ']'), items.iter().map(|item| (String::new(), item)), depth, out),
        plain => out.push_str(&plain.to_string()),
    }
}

fn block<'a>((open, close): (char, char), entries: impl Iterator<Item = (String, &'a Value)>, depth: usize, out: &mut String) {
    out.push(open);
    for (index, (label, value)) in entries.enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&" ".repeat(depth + 1));
        out.push_str(&label);
        write(value, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(depth));
    out.push(close);
}

//! Reads JSON of any size one value at a time: only the requested containers are entered, and everything else is
//! returned as raw bytes. Damaged parts are returned too, and reading continues after them.

use super::salvage::next_start;
use std::io::{self, Read};

/// Maximum size of a value, in bytes.
const MAX_VALUE_BYTES: usize = 16 * 1024 * 1024;
/// Maximum depth of entered containers.
const MAX_DEPTH: usize = 16;

/// What to do with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Enter it, and ask about its elements.
    Enter,
    /// Return its raw bytes.
    Return,
    /// Skip it.
    Skip,
}

/// A value, or a damaged part.
#[derive(Debug, PartialEq, Eq)]
pub enum Element<'a> {
    /// The raw bytes of a value.
    Value(&'a [u8]),
    /// Bytes that are not a value.
    Broken(&'a [u8]),
}

/// Reads consecutive values from `input`. `step` decides what to do with the value at a path: its keys, each preceded
/// by a slash, with `*` for the elements of a list. `emit` gets each requested value and the offset of its end.
pub fn walk<E: From<io::Error>>(
    input: impl Read,
    step: &mut dyn FnMut(&str) -> Step,
    emit: &mut dyn FnMut(&str, Element<'_>, u64) -> Result<(), E>,
) -> Result<(), E> {
    let bytes = Bytes { input, buffer: Vec::new(), at: 0, offset: 0, is_at_end: false };
    let mut walker = Walker { bytes, step, emit, path: String::new() };
    if walker.bytes.peek()? == Some(0xef) {
        for _ in 0..3 {
            walker.bytes.next()?;
        }
    }
    loop {
        walker.bytes.skip_space()?;
        if walker.bytes.peek()?.is_none() {
            return Ok(());
        }
        walker.value(0, &mut Shape::default())?;
    }
}

/// The layout of a list's elements, by which the next one after a damaged one is found.
#[derive(Default)]
struct Shape {
    /// The indentation before an element.
    indent: Option<Vec<u8>>,
    /// The first bytes of an element, up to its first colon.
    prefix: Option<Vec<u8>>,
}

struct Walker<'a, R, E> {
    bytes: Bytes<R>,
    step: &'a mut dyn FnMut(&str) -> Step,
    emit: &'a mut dyn FnMut(&str, Element<'_>, u64) -> Result<(), E>,
    path: String,
}

impl<R: Read, E: From<io::Error>> Walker<'_, R, E> {
    fn value(&mut self, depth: usize, shape: &mut Shape) -> Result<(), E> {
        let step = (self.step)(&self.path);
        let first = self.bytes.peek()?;
        if step == Step::Enter && depth < MAX_DEPTH {
            match first {
                Some(b'{') => return self.object(depth),
                Some(b'[') => return self.list(depth),
                _ => {}
            }
        }
        let indent = self.bytes.indent();
        if let Some(indent) = indent {
            shape.indent.get_or_insert(indent);
        }
        let (raw, is_whole) = self.bytes.capture()?;
        let is_good = is_whole && serde_json::from_slice::<serde::de::IgnoredAny>(&raw).is_ok();
        if is_good || (is_whole && super::parse::parse(&raw).is_some()) {
            if shape.prefix.is_none() {
                let colon = raw.iter().take(64).position(|byte| *byte == b':');
                shape.prefix = colon.map(|colon| raw[..colon].to_vec());
            }
            return match step {
                Step::Skip => Ok(()),
                Step::Enter | Step::Return => {
                    (self.emit)(&self.path, Element::Value(&raw), self.bytes.offset)
                }
            };
        }
        self.salvage(&raw, is_whole, shape)
    }

    /// Returns the damaged part, and continues at the next element.
    fn salvage(&mut self, raw: &[u8], is_whole: bool, shape: &Shape) -> Result<(), E> {
        let next = next_start(raw, shape.indent.as_deref(), shape.prefix.as_deref());
        if let Some(next) = next {
            self.bytes.put_back(&raw[next..]);
            return (self.emit)(&self.path, Element::Broken(&raw[..next]), self.bytes.offset);
        }
        (self.emit)(&self.path, Element::Broken(raw), self.bytes.offset)?;
        if is_whole {
            return Ok(());
        }
        // The value was too large; the following bytes are searched in parts.
        loop {
            let part = self.bytes.read_some(1024 * 1024)?;
            if part.is_empty() {
                return Ok(());
            }
            match next_start(&part, shape.indent.as_deref(), shape.prefix.as_deref()) {
                Some(next) => {
                    self.bytes.put_back(&part[next..]);
                    return (self.emit)(
                        &self.path,
                        Element::Broken(&part[..next]),
                        self.bytes.offset,
                    );
                }
                None => (self.emit)(&self.path, Element::Broken(&part), self.bytes.offset)?,
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<(), E> {
        self.bytes.next()?;
        let length = self.path.len();
        self.path.push_str("/*");
        let mut shape = Shape::default();
        let read = loop {
            self.bytes.skip_space()?;
            match self.bytes.peek()? {
                None => break Ok(()),
                Some(b']') => {
                    self.bytes.next()?;
                    break Ok(());
                }
                Some(b',') => {
                    self.bytes.next()?;
                }
                Some(_) => {
                    if let Err(error) = self.value(depth + 1, &mut shape) {
                        break Err(error);
                    }
                }
            }
        };
        self.path.truncate(length);
        read
    }

    fn object(&mut self, depth: usize) -> Result<(), E> {
        self.bytes.next()?;
        let length = self.path.len();
        let mut shape = Shape::default();
        loop {
            self.bytes.skip_space()?;
            match self.bytes.peek()? {
                None => return Ok(()),
                Some(b'}') => {
                    self.bytes.next()?;
                    return Ok(());
                }
                Some(b',') => {
                    self.bytes.next()?;
                }
                Some(b'"') => {
                    let (raw, _) = self.bytes.capture()?;
                    let key = serde_json::from_slice::<String>(&raw);
                    self.bytes.skip_space()?;
                    if self.bytes.peek()? != Some(b':') || key.is_err() {
                        (self.emit)(&self.path, Element::Broken(&raw), self.bytes.offset)?;
                    }
                    if self.bytes.peek()? == Some(b':') {
                        self.bytes.next()?;
                    }
                    self.bytes.skip_space()?;
                    if matches!(self.bytes.peek()?, None | Some(b'}' | b',')) {
                        continue;
                    }
                    self.path.push('/');
                    self.path.push_str(&key.unwrap_or_default());
                    let read = self.value(depth + 1, &mut shape);
                    self.path.truncate(length);
                    read?;
                }
                // A value without a key, or a stray character.
                Some(_) => {
                    let (raw, _) = self.bytes.capture()?;
                    (self.emit)(&self.path, Element::Broken(&raw), self.bytes.offset)?;
                }
            }
        }
    }
}

/// The buffered input, to which bytes can be put back.
struct Bytes<R> {
    input: R,
    buffer: Vec<u8>,
    at: usize,
    offset: u64,
    is_at_end: bool,
}

impl<R: Read> Bytes<R> {
    fn fill(&mut self) -> io::Result<()> {
        // Keeps the end of what was read, from which the indentation of a line is known.
        let retained = self.at.min(256);
        self.buffer.drain(..self.at - retained);
        self.at = retained;
        let length = self.buffer.len();
        self.buffer.resize(length + 64 * 1024, 0);
        let read = loop {
            match self.input.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.buffer.truncate(length + read.as_ref().copied().unwrap_or(0));
        self.is_at_end = read? == 0;
        Ok(())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        while self.at == self.buffer.len() && !self.is_at_end {
            self.fill()?;
        }
        Ok(self.buffer.get(self.at).copied())
    }

    fn next(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.at += 1;
            self.offset += 1;
        }
        Ok(byte)
    }

    fn skip_space(&mut self) -> io::Result<()> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek()? {
            self.at += 1;
            self.offset += 1;
        }
        Ok(())
    }

    /// Returns the text before this position on the line, if it consists of spaces only.
    fn indent(&self) -> Option<Vec<u8>> {
        let before = &self.buffer[..self.at];
        let line = before.iter().rposition(|byte| *byte == b'\n')?;
        let indent = &before[line + 1..];
        indent.iter().all(u8::is_ascii_whitespace).then(|| indent.to_vec())
    }

    fn put_back(&mut self, bytes: &[u8]) {
        self.offset -= bytes.len() as u64;
        let retained = &self.buffer[self.at..];
        self.buffer = [bytes, retained].concat();
        self.at = 0;
    }

    fn read_some(&mut self, max_bytes: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while bytes.len() < max_bytes
            && let Some(_) = self.peek()?
        {
            let part = (self.buffer.len() - self.at).min(max_bytes - bytes.len());
            bytes.extend_from_slice(&self.buffer[self.at..self.at + part]);
            self.at += part;
            self.offset += part as u64;
        }
        Ok(bytes)
    }

    /// Reads up to the end of a value without parsing it; returns whether its brackets are balanced.
    fn capture(&mut self) -> io::Result<(Vec<u8>, bool)> {
        let mut raw = Vec::new();
        let Some(first) = self.next()? else { return Ok((raw, false)) };
        raw.push(first);
        let (mut depth, mut in_string) = (0_usize, false);
        match first {
            b'{' | b'[' => depth = 1,
            b'"' => in_string = true,
            b'}' | b']' => return Ok((raw, true)),
            _ => {
                while let Some(byte) = self.peek()?
                    && !matches!(
                        byte,
                        b',' | b']' | b'}' | b'{' | b'[' | b'"' | b' ' | b'\n' | b'\r' | b'\t'
                    )
                    && raw.len() < MAX_VALUE_BYTES
                {
                    raw.push(byte);
                    self.next()?;
                }
                return Ok((raw, true));
            }
        }
        while depth > 0 || in_string {
            if raw.len() >= MAX_VALUE_BYTES {
                return Ok((raw, false));
            }
            let Some(byte) = self.next()? else { return Ok((raw, true)) };
            raw.push(byte);
            match (in_string, byte) {
                (true, b'\\') => raw.extend(self.next()?),
                (true, b'"') => in_string = false,
                (true, _) => {}
                (false, b'"') => in_string = true,
                (false, b'{' | b'[') => depth += 1,
                (false, b'}' | b']') => depth -= 1,
                (false, _) => {}
            }
        }
        Ok((raw, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let mut values = Vec::new();
        let mut step = |path: &str| match path {
            "" | "/list" => Step::Enter,
            "/no" => Step::Skip,
            _ => Step::Return,
        };
        let mut emit = |path: &str, element: Element<'_>, _| {
            let (sign, raw) = match element {
                Element::Value(raw) => ('=', raw),
                Element::Broken(raw) => ('!', raw),
            };
            values.push(format!("{path}{sign}{}", String::from_utf8_lossy(raw).trim()));
            Ok::<_, io::Error>(())
        };
        walk(text.as_bytes(), &mut step, &mut emit).unwrap();
        values
    }

    #[test]
    fn values_are_returned_with_their_paths() {
        let text = r#"{"a": "x\"]", "no": [1], "list": [{"b": 1}, {"b": [2]}], "z": null}"#;
        assert_eq!(
            values(text),
            ["/a=\"x\\\"]\"", "/list/*={\"b\": 1}", "/list/*={\"b\": [2]}", "/z=null"]
        );
        assert_eq!(values("1 2"), ["=1", "=2"]);
    }

    #[test]
    fn only_the_damaged_element_is_lost() {
        let compact = r#"{"list":[{"id":1,"t":"a"},{"id":2,"t:"b"},{"id":3,"t":"c"}]}"#;
        assert_eq!(
            values(compact),
            [
                "/list/*={\"id\":1,\"t\":\"a\"}",
                "/list/*!{\"id\":2,\"t:\"b\"},",
                "/list/*={\"id\":3,\"t\":\"c\"}"
            ]
        );
        let lines = "{\n \"list\": [\n  {\n   \"id\": 1\n  },\n  {\n   \"id\": 2,\n  \n  {\n   \"id\": 3\n  }\n ]\n}";
        let lines = values(lines);
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].starts_with("/list/*!") && lines[2].contains("3"), "{lines:?}");
    }

    #[test]
    fn truncated_json_is_reported() {
        assert_eq!(
            values(r#"{"list":[{"id":1},{"id":2"#),
            ["/list/*={\"id\":1}", "/list/*!{\"id\":2"]
        );
        assert_eq!(values("}"), ["!}"]);
        assert_eq!(values(":"), ["!:"]);
    }
}

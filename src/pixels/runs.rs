//! Lines of labels told by their runs, for masks in which most pixels are as the one before them.

/// Labels of a line: where each run of one label begins, and the label. The first run begins at 0.
#[derive(Clone, Copy, Debug)]
pub struct Runs<'a> {
    len: usize,
    starts: &'a [(usize, i64)],
}

impl<'a> Runs<'a> {
    /// Runs of a line of `len` labels, in order.
    ///
    /// # Panics
    ///
    /// If the first one does not begin at 0, or there is none of a line that is not empty.
    #[must_use]
    pub fn new(len: usize, starts: &'a [(usize, i64)]) -> Self {
        assert_eq!(starts.first().map(|run| run.0), (len > 0).then_some(0), "runs from the first label on");
        Self { len, starts }
    }

    /// Number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where each run ends, and its label.
    pub fn ends(&self) -> impl Iterator<Item = (usize, i64)> + use<'a> {
        let ends = self.starts.iter().skip(1).map(|run| run.0).chain([self.len]);
        ends.zip(self.starts.iter().map(|run| run.1))
    }
}

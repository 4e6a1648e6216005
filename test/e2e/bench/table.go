package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
)

// table is Markdown whose columns are also aligned for reading as text.
type table struct{ rows [][3]string }

// row adds a measure with its budget, "" where there is none.
func (t *table) row(what, measured, budget string) {
	t.rows = append(t.rows, [3]string{what, measured, budget})
}

func (t *table) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	write := func(row [3]string) {
		_, _ = fmt.Fprintf(w, "| %s\t| %s\t| %s\t|\n", row[0], row[1], row[2]) // Flush tells
	}
	write([3]string{"what", "measured", "budget"})
	write([3]string{"---", "---", "---"})
	for _, row := range t.rows {
		write(row)
	}
	if err := w.Flush(); err != nil {
		return err.Error()
	}
	return b.String()
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

func mebibytes(bytes float64) string { return fmt.Sprintf("%.1f MiB", bytes/(1<<20)) }

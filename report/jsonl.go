package report

import "io"

// jsonlError is a line about a document that could not be read. No finding has its field.
type jsonlError struct {
	Error Problem `json:"error"`
}

// writeJSONLines writes each finding as the json format has it, on a line of its own, then each error: for jq, for logs
// and for whoever reads while others write.
func writeJSONLines(w io.Writer, r Run, _ Style) error {
	out := lineWriter{w: w}
	for i := range r.Findings {
		f := &r.Findings[i]
		out.value(toJSON(f, r.docs(f.Rule)))
		out.text("\n")
	}
	for _, p := range r.Errors {
		out.value(jsonlError{p})
		out.text("\n")
	}
	return out.err
}

package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"
)

func TestCause(t *testing.T) {
	other := errors.New("something else")
	for _, test := range []struct{ err, want error }{
		{&os.PathError{Op: "open", Path: ".web.yaml123", Err: fs.ErrPermission}, fs.ErrPermission},
		{fmt.Errorf("wrapped: %w", &os.LinkError{Op: "rename", Old: ".web.yaml123", New: "web.yaml", Err: fs.ErrExist}), fs.ErrExist},
		{other, other},
	} {
		if got := Cause(test.err); got.Error() != test.want.Error() {
			t.Errorf("%v: got %v, want %v", test.err, got, test.want)
		}
	}
}

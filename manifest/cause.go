package manifest

import (
	"errors"
	"os"
)

// Cause is what the system said of a file, without the path: who reports it names the file that was meant, which need not be the
// temporary one that was written.
func Cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		return link.Err
	}
	return err
}

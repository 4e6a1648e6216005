package engine

import (
	"fmt"

	"github.com/tlsward/tlsward/kube"
)

// SettingError is a setting that names what the rulebooks do not have, or has a value that they cannot use.
type SettingError struct {
	// Path leads to the setting in the config, or is the name of a flag: only, skip.
	Path    kube.Path
	Message string
}

func (e *SettingError) Error() string { return e.Path.String() + ": " + e.Message }

func wrong(path kube.Path, format string, args ...any) error {
	return &SettingError{Path: path, Message: fmt.Sprintf(format, args...)}
}

package main

import (
	"errors"
	"fmt"

	"github.com/tlsward/tlsward/config"
	"github.com/tlsward/tlsward/engine"
)

// settingErrors names, in each error about a setting, the flag that it comes from, or the line of the config.
func settingErrors(err error, c *config.Config) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []error
		for _, e := range joined.Unwrap() {
			errs = append(errs, settingErrors(e, c))
		}
		return errors.Join(errs...)
	}
	var setting *engine.SettingError
	if !errors.As(err, &setting) || len(setting.Path) == 0 {
		return err
	}
	switch setting.Path[0] {
	case "only", "skip":
		return fmt.Errorf("--%s: %s", setting.Path[0], setting.Message)
	case nextRulebookFlag:
		return fmt.Errorf("%s: %s", nextRulebookFlag, setting.Message)
	}
	if c.File == "" {
		return err
	}
	at, own := c.Origin(setting.Path)
	return fmt.Errorf("%s: %w", place(at.File, at.Line), &engine.SettingError{Path: own, Message: setting.Message})
}

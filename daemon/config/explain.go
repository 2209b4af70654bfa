package config

import (
	"strings"
	"time"

	"fifthcall/daemon/desk"
)

// Zone is the desk's zone; the configuration has been checked.
func (d *DeskConfig) Zone() *time.Location {
	loc, err := time.LoadLocation(d.Timezone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Desk is the desk of the name, the first one without a name.
func (c *Config) Desk(name string) *DeskConfig {
	for i := range c.Desks {
		if strings.EqualFold(c.Desks[i].Name, name) {
			return &c.Desks[i]
		}
	}
	return &c.Desks[0]
}

// DeskName is the name of the desk meant: the only one for "".
func (c *Config) DeskName(name string) (string, error) {
	var names []string
	for _, d := range c.Desks {
		if strings.EqualFold(d.Name, name) {
			return d.Name, nil
		}
		names = append(names, d.Name)
	}
	if name == "" && len(names) == 1 {
		return names[0], nil
	}
	if name == "" {
		return "", desk.Usage("there are several desks: say which (%s)", strings.Join(names, ", "))
	}
	return "", desk.Usage("no desk is named %q%s", name, DidYouMean(name, names))
}

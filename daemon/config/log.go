package config

import (
	"time"

	"fifthcall/daemon/desk/words"
)

// Grammar is how the desk's people write.
func (rs *Rules) Grammar(now time.Time) words.Grammar {
	return words.Grammar{Now: now, Zone: rs.Zone, MonthFirst: rs.Cfg.MonthFirst, Languages: rs.Cfg.Languages}
}

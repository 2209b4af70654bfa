package config

import (
	"slices"
	"strings"

	"fifthcall/daemon/desk"
	"fifthcall/daemon/letter"
)

// Mode is how a letter leaves: as the desk's lists say, else as its own file says, else as all do.
func (rs *Rules) Mode(t *letter.Template) desk.Mode {
	l := &rs.Cfg.Letters
	for _, list := range []struct {
		names []string
		mode  desk.Mode
	}{{l.Off, desk.ModeOff}, {l.Draft, desk.ModeDraft}, {l.Approve, desk.ModeApprove}, {l.Auto, desk.ModeAuto}} {
		if slices.Contains(list.names, t.Name) {
			return list.mode
		}
	}
	if t.Mode != "" && rs.Cfg.SMTP.Host != "" {
		return t.Mode
	}
	return desk.Mode(l.Mode)
}

// Language is the contact's, else the desk's.
func Language(c *desk.Contact, rs *Rules) string {
	if l := strings.ToLower(desk.Field(c, "language")); len(l) >= 2 {
		return map[string]string{"german": "de", "deutsch": "de", "english": "en", "englisch": "en"}[l] + desk.TwoLetters(l)
	}
	return rs.Cfg.Letters.Language
}

// LetterWindow are the minutes of the day in which letters leave; zero where the configuration gives none.
func (rs *Rules) LetterWindow() [2]int {
	w, err := letter.ParseWindow(rs.Cfg.Letters.Window)
	if err != nil {
		return [2]int{}
	}
	return w
}

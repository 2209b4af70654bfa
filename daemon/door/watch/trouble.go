package watch

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"fifthcall/calendar"
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
	"fifthcall/mailbox"
)

// unreadLimit is for how long a mailbox may go unread before that is trouble.
const unreadLimit = time.Hour

// Report takes what the watcher tells.
func Report(r *book.Runner, e mailbox.Event) {
	now := r.Clock()
	if errors.Is(e.Err, mailbox.ErrSignIn) {
		Doubt(&r.SignIn)
	}
	r.Mu.Lock()
	s := &r.Status
	switch {
	case e.Progress != nil:
		p := *e.Progress
		s.Progress = &p
	case e.Read:
		s.LastRead[e.Folder] = now
		s.Progress = nil
		if e.Idle {
			s.Idle[e.Folder] = true
		}
		settle(s, now)
	case len(e.Folders) > 0:
		s.Sent = e.Folders[0]
		for f := range s.LastRead { // a folder that is gone is no trouble
			if !slices.Contains(e.Folders, f) {
				delete(s.LastRead, f)
			}
		}
		settle(s, now)
	case len(e.Missing) > 0:
		r.Log.Warn("folders of the configuration don't exist; they are not read", "folders", e.Missing)
	case e.Err != nil:
		s.Errors++
		s.Progress = nil
		clear(s.Idle)
		if e.Refused {
			s.Refused = true
			s.Trouble, s.Since = signInText(e.Err), now
		}
	}
	r.Mu.Unlock()
}

// settle forgets trouble that is over.
func settle(s *book.Status, now time.Time) {
	if !s.Refused && now.Sub(LastRead(s)) <= unreadLimit {
		s.Trouble = ""
	}
}

func signInText(err error) string {
	if errors.Is(err, ErrConsent) {
		return fmt.Sprintf("Your provider asks for your consent again (%v). Nothing is lost; nothing new is logged, and no letter is sent, until then", err)
	}
	return fmt.Sprintf("the mail server refuses the sign-in (%v). Nothing is lost; nothing new is logged until the secret is renewed in the configuration and Fifthcall told to reread it (SIGHUP) or restarted", err)
}

// Look finds out whether the mailbox has gone unread for too long.
func Look(r *book.Runner, now time.Time) {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	s := &r.Status
	last := LastRead(s)
	if last.IsZero() {
		last = s.Started
	}
	if s.Progress == nil && s.Trouble == "" && now.Sub(last) > unreadLimit {
		s.Trouble = "the mailbox has not been read since " + desk.SayInstant(last, r.Rules.Zone) + ". Nothing is lost; it is read as soon as the server can be reached. Run 'fifthcall doctor' to see why"
		s.Since = now
	}
}

// LastRead is when the folder that was read longest ago was read.
func LastRead(s *book.Status) time.Time {
	var last time.Time
	for _, t := range s.LastRead {
		if last.IsZero() || t.Before(last) {
			last = t
		}
	}
	return last
}

// TroubleText says what is wrong with the desk's mailbox now, "" for nothing.
func TroubleText(r *book.Runner) string {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	return r.Status.Trouble
}

// Snapshot is a copy of the status.
func Snapshot(r *book.Runner) book.Status {
	r.Mu.Lock()
	defer r.Mu.Unlock()
	s := r.Status
	s.LastRead, s.Idle = map[string]time.Time{}, map[string]bool{}
	for k, v := range r.Status.LastRead {
		s.LastRead[k] = v
	}
	for k, v := range r.Status.Idle {
		s.Idle[k] = v
	}
	return s
}

// Ready reports whether the desk has been read within the last hour.
func Ready(r *book.Runner, now time.Time) (bool, string) {
	s := Snapshot(r)
	last := LastRead(&s)
	switch {
	case s.Refused:
		return false, "sign-in refused"
	case last.IsZero():
		return false, "not read yet"
	case now.Sub(last) > unreadLimit:
		return false, "not read since " + last.UTC().Format(time.RFC3339)
	}
	return true, "ok"
}

// TroubleEvent shows trouble with the mailbox in the feed: mail can't tell of it.
func TroubleEvent(r *book.Runner) (calendar.Event, bool) {
	s := Snapshot(r)
	if s.Trouble == "" {
		return calendar.Event{}, false
	}
	start := s.Since.UTC().Truncate(15 * time.Minute)
	return calendar.Event{
		UID: "trouble-" + r.Name + "@fifthcall", Sequence: int(s.Since.Unix() & 0x7fffffff), Start: start, End: start.Add(15 * time.Minute),
		Created: s.Since, Modified: s.Since, Summary: "Fifthcall can't read your mailbox", Description: s.Trouble, Categories: []string{"Trouble"}, Alarm: time.Minute,
	}, true
}

// Notify runs the configured command with the desk and the message as further arguments.
func Notify(ctx context.Context, command []string, deskName, message string) error {
	if len(command) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	args := append(append([]string{}, command[1:]...), deskName, message)
	cmd := exec.CommandContext(ctx, command[0], args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(fmt.Errorf("[notify] command %s: %w", command[0], err), errors.New(string(out[:min(len(out), 200)])))
	}
	return nil
}

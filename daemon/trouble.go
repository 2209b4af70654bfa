package daemon

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"fifthcall/calendar"
	"fifthcall/mailbox"
)

// unreadLimit is for how long a mailbox may go unread before that is trouble.
const unreadLimit = time.Hour

// report takes what the watcher tells.
func (r *runner) report(e mailbox.Event) {
	now := r.clock()
	if errors.Is(e.Err, mailbox.ErrSignIn) {
		r.signIn.doubt()
	}
	r.mu.Lock()
	s := &r.status
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
		s.settle(now)
	case len(e.Folders) > 0:
		s.Sent = e.Folders[0]
		for f := range s.LastRead { // a folder that is gone is no trouble
			if !slices.Contains(e.Folders, f) {
				delete(s.LastRead, f)
			}
		}
		s.settle(now)
	case len(e.Missing) > 0:
		r.log.Warn("folders of the configuration don't exist; they are not read", "folders", e.Missing)
	case e.Err != nil:
		s.Errors++
		s.Progress = nil
		clear(s.Idle)
		if e.Refused {
			s.Refused = true
			s.Trouble, s.Since = signInText(e.Err), now
		}
	}
	r.mu.Unlock()
}

// settle forgets trouble that is over.
func (s *Status) settle(now time.Time) {
	if !s.Refused && now.Sub(s.lastRead()) <= unreadLimit {
		s.Trouble = ""
	}
}

func signInText(err error) string {
	if errors.Is(err, errConsent) {
		return fmt.Sprintf("Your provider asks for your consent again (%v). Nothing is lost; nothing new is logged, and no letter is sent, until then", err)
	}
	return fmt.Sprintf("the mail server refuses the sign-in (%v). Nothing is lost; nothing new is logged until the secret is renewed in the configuration and Fifthcall told to reread it (SIGHUP) or restarted", err)
}

// look finds out whether the mailbox has gone unread for too long.
func (r *runner) look(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.status
	last := s.lastRead()
	if last.IsZero() {
		last = s.Started
	}
	if s.Progress == nil && s.Trouble == "" && now.Sub(last) > unreadLimit {
		s.Trouble = "the mailbox has not been read since " + last.In(r.rules.zone).Format("Mon 2 Jan 15:04") + ". Nothing is lost; it is read as soon as the server can be reached. Run 'fifthcall doctor' to see why"
		s.Since = now
	}
}

// lastRead is when the folder that was read longest ago was read.
func (s *Status) lastRead() time.Time {
	var last time.Time
	for _, t := range s.LastRead {
		if last.IsZero() || t.Before(last) {
			last = t
		}
	}
	return last
}

func (r *runner) troubleText() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status.Trouble
}

// snapshot is a copy of the status.
func (r *runner) snapshot() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.status
	s.LastRead, s.Idle = map[string]time.Time{}, map[string]bool{}
	for k, v := range r.status.LastRead {
		s.LastRead[k] = v
	}
	for k, v := range r.status.Idle {
		s.Idle[k] = v
	}
	return s
}

// ready reports whether the desk has been read within the last hour.
func (r *runner) ready(now time.Time) (bool, string) {
	s := r.snapshot()
	last := s.lastRead()
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

// troubleEvent shows trouble with the mailbox in the feed: mail can't tell of it.
func (r *runner) troubleEvent() (calendar.Event, bool) {
	s := r.snapshot()
	if s.Trouble == "" {
		return calendar.Event{}, false
	}
	start := s.Since.UTC().Truncate(15 * time.Minute)
	return calendar.Event{
		UID: "trouble-" + r.name + "@fifthcall", Sequence: int(s.Since.Unix() & 0x7fffffff), Start: start, End: start.Add(15 * time.Minute),
		Created: s.Since, Modified: s.Since, Summary: "Fifthcall can't read your mailbox", Description: s.Trouble, Categories: []string{"Trouble"}, Alarm: time.Minute,
	}, true
}

// notify runs the configured command with the desk and the message as further arguments.
func notify(ctx context.Context, command []string, deskName, message string) error {
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

package command

import (
	"fifthcall/daemon/book"
	"fifthcall/daemon/desk"
)

// interviewsLeft are the interviews that a command changed, as it left them.
func interviewsLeft(a *book.Applier) (left *desk.Interview, ended []desk.MovedInterview, err error) {
	if a.Interview != "" {
		if left, err = a.Tx.Interview(a.Interview); err != nil {
			return nil, nil, err
		}
		if left != nil {
			left = desk.CopyInterview(left)
		}
	}
	for _, was := range a.Ended {
		now, err := a.Tx.Interview(was.ID)
		if err != nil {
			return nil, nil, err
		}
		if now != nil {
			ended = append(ended, desk.MovedInterview{Was: was, Left: desk.CopyInterview(now)})
		}
	}
	return left, ended, nil
}

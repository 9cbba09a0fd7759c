import type { Cases } from './case.ts';

export const dates: Cases = {
  now: [
    ['kindOf now', 'struct'],
    ['typeOf now', 'time.Time'],
  ],
  unixEpoch: [
    ['gt (int64 (unixEpoch now)) 1700000000', 'true'],
    ['unixEpoch (toDate "2006-01-02" "1970-01-02")', '86400'],
    ['unixEpoch (toDate "2006-01-02" "nonsense")', '-62135596800'],
  ],
  ago: [
    ['typeOf (ago now)', 'string'],
    ['ago now', '0s'],
  ],
  date: [
    ['date "2006-01-02" 0', '1970-01-01'],
    ['date "Mon Jan 2 15:04:05 MST 2006" (int64 1136239445)', 'Mon Jan 2 22:04:05 UTC 2006'],
    ['date "2 January 2006, 3:04PM" (toDate "2006-01-02 15:04" "2024-02-29 17:05")', '29 February 2024, 5:05PM'],
  ],
  dateInZone: [
    ['dateInZone "2006-01-02 15:04 MST" 1136239445 "Europe/Paris"', '2006-01-02 23:04 CET'],
    ['dateInZone "2006-01-02T15:04:05Z07:00" 1136239445 "UTC"', '2006-01-02T22:04:05Z'],
    ['dateInZone "15:04 -0700" 1152000000 "Asia/Kolkata"', '13:30 +0530'],
    ['dateInZone "15:04 MST" 1136239445 "No/Where"', '22:04 UTC'],
  ],
  date_in_zone: [
    ['date_in_zone "15:04 MST" 1152000000 "America/New_York"', '04:00 EDT'],
    ['date_in_zone "Monday, 02-Jan-06" 0 "Asia/Tokyo"', 'Thursday, 01-Jan-70'],
  ],
  duration: [
    ['duration "95"', '1m35s'],
    ['duration "x"', '0s'],
    ['duration (int64 3700)', '1h1m40s'],
  ],
  durationRound: [
    ['durationRound "2h10m5s"', '2h'],
    ['durationRound "2400h10m5s"', '3mo'],
    ['durationRound "90000h"', '10y'],
    ['durationRound "0.5s"', '0s'],
  ],
  toDate: [
    ['toDate "2006-01-02" "2017-12-31"', '2017-12-31 00:00:00 +0000 UTC'],
    ['toDate "02 Jan 06 15:04 -0700" "03 Feb 20 11:15 +0530"', '2020-02-03 11:15:00 +0530 +0530'],
    ['toDate "2006-01-02" "2020-02-30"', '0001-01-01 00:00:00 +0000 UTC'],
  ],
  dateModify: [
    ['dateModify "-1.5h" (toDate "2006-01-02" "2017-12-31")', '2017-12-30 22:30:00 +0000 UTC'],
    ['dateModify "nonsense" (toDate "2006-01-02" "2017-12-31")', '2017-12-31 00:00:00 +0000 UTC'],
  ],
  date_modify: [
    ['date_modify "24h" (toDate "2006-01-02" "2017-12-31")', '2018-01-01 00:00:00 +0000 UTC'],
    ['date_modify "1h2m3s" (toDate "2006-01-02" "2017-12-31")', '2017-12-31 01:02:03 +0000 UTC'],
  ],
  mustDateModify: [
    ['mustDateModify "30m" (toDate "2006-01-02" "2017-12-31")', '2017-12-31 00:30:00 +0000 UTC'],
    [
      'mustDateModify "nonsense" (toDate "2006-01-02" "2017-12-31")',
      'fails',
      '`mustDateModify` wants a duration like -1.5h or 30m, not "nonsense"',
    ],
  ],
  must_date_modify: [
    ['must_date_modify "-24h" (toDate "2006-01-02" "2017-12-31")', '2017-12-30 00:00:00 +0000 UTC'],
    [
      'must_date_modify "1" (toDate "2006-01-02" "2017-12-31")',
      'fails',
      '`must_date_modify` wants a duration like -1.5h or 30m, not "1"',
    ],
  ],
  htmlDate: [
    ['htmlDate 0', '1970-01-01'],
    ['htmlDate (toDate "02/01/2006" "31/12/2017")', '2017-12-31'],
  ],
  htmlDateInZone: [
    ['htmlDateInZone 86399 "Asia/Tokyo"', '1970-01-02'],
    ['htmlDateInZone 0 "America/New_York"', '1969-12-31'],
  ],
  mustToDate: [
    ['mustToDate "Jan _2 2006 3:04PM" "Feb  3 2020 11:15PM"', '2020-02-03 23:15:00 +0000 UTC'],
    [
      'mustToDate "2006-01-02" "2020-02-30"',
      'fails',
      '`mustToDate` can\'t read "2020-02-30" as "2006-01-02": the day is out of range',
    ],
  ],
};

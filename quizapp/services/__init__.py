"""Verbs over the database; no Flask here. What a page can do stands in one of these modules.

People          accounts, personal (their data, given out and deleted)
Courses         courses, membership, rosters, course_home, course_log, time_zones
Practice        practice, course_practice, standing, runs (mixed practice), exams, timekeeping
Problems shown  rendering, formulas, pictures, sheet (the whole bank)
Code            submissions, jobs, regrade_queue (the operator's), code_tasks, differences
Authoring       authoring, proving, starters
Authors' box    box, box_jobs, box_work
Quizzes made    quizzes, quiz_settings, quiz_items, quiz_tasks, pools
Quizzes taken   starting, sittings, releases (of keys)
Results         scores, gradebook, item_analysis, reviewing, charts, spreadsheets
Regrades        regrading, regrade_rules, regrading_answers, regrading_code, corrections
For all         keys, leases, heartbeat, health
"""

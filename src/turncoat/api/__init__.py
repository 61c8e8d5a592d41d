"""The public Python API: what the commands do, with data frames instead of files.

Everything here is offered as `import turncoat as tc; tc.run(…)`, loaded when it is first used. What is public stands in
`turncoat.__all__`; the rooms below may change.
"""

"""By which names people call the columns of files, as ``tabular.headers.plain_name`` returns them.

A name is here once, for the one column that it can mean; one that could mean several (*name*, *id*, *grade*) is
in none. Of a file of a program, only the columns' own names count.
"""

from collections.abc import Mapping, Sequence

_EMAIL = (
    "emailaddress", "mail", "mailaddress", "emailid", "studentemail", "useremail", "learneremail", "primaryemail",
    "email1value", "correo", "correoelectrónico", "correoelectronico", "direccióndecorreo",
    "direccióndecorreoelectrónico", "direcciondecorreo", "direcciondecorreoelectronico",
)  # fmt: skip
_USERNAME = (
    "user", "login", "loginid", "loginname", "userlogin", "accountname", "usuario", "nombredeusuario",
)  # fmt: skip
_COURSE = (
    "courseid", "coursekey", "courserun", "courserunid", "courserunkey", "externalcoursekey", "curso",
    "clavedelcurso", "cursoid", "iddelcurso",
)  # fmt: skip

USUAL_NAMES: Mapping[str, Sequence[str]] = {
    "email": _EMAIL,
    "username": _USERNAME,
    "identifier": (*_USERNAME, "username", "emailorusername", "usernameoremail", "identificador"),
    "student_key": (
        "studentid", "studentnumber", "studentno", "studentcode", "externalstudentkey", "matriculationnumber",
        "enrollmentnumber", "sisid", "sisuserid", "matrícula", "matricula", "clavedeestudiante", "clavedelestudiante",
        "númerodeestudiante", "numerodeestudiante", "idestudiante", "iddeestudiante",
    ),
    "first_name": ("givenname", "givennames", "forename", "firstnames", "nombre", "nombres"),
    "last_name": ("surname", "familyname", "lastnames", "apellido", "apellidos"),
    "status": ("enrollmentstatus", "programstatus", "estado"),
    "course_id": ("course", *_COURSE),
    "course": _COURSE,
    "mode": ("enrollmentmode", "coursemode", "track", "enrollmenttrack", "modalidad", "modo"),
    "auto_enroll": ("enrollonsignup", "inscribiralregistrarse"),
    "reason": ("motivo", "razón", "razon"),
    "action": ("acción", "accion"),
    "is_active": ("active", "activo", "activa"),
    "language": ("languagecode", "idioma"),
    "password": ("contraseña",),
    "percent": ("percentgrade", "percentage", "porcentaje"),
    "letter_grade": ("letter",),
    "passed": ("pass", "haspassed", "aprobado"),
    "course_staff": ("iscoursestaff",),
}  # fmt: skip

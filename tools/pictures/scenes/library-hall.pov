// print: size=1440x960 key=#3b1d2a spot=#e2542f seed=121 knock=.85
// The reading hall: columns to a round window, shaded lamps, one reader.
#declare Seed=77; #declare Haze=900; #declare HazeTop=60; #declare HazeTone=.85; #declare OwnSky=1; #declare SunX=.12; #declare SunY=.62; #declare SunZ=1; #declare SunLight=1.1; #declare Fill=.45; #declare Ambient=.12;
#include "kit.inc"
#declare Eye=<-1.6,2.7,-14>;
camera{location Eye look_at Eye+<.052,.085,1> right x*image_width/image_height angle 64}
#if (Plate=1) sphere{0,2000 inverse hollow no_shadow Flat(T4)} #end
// Floor of squares.
box{<-30,-.2,-30>,<30,0,62> #if (Plate=1) pigment{checker rgb .42, rgb .16 scale 1.6} finish{ambient .14 diffuse .5 reflection{.03,.45 fresnel on}} #else pigment{rgb 0} finish{ambient 0 diffuse 0 reflection{.03,.6 fresnel on}} #end interior{ior 1.45}}
// The vault, ribbed, and the end wall with its window.
difference{ box{<-30,9.6,-30>,<30,30,45>} cylinder{<0,9.6,-31>,<0,9.6,46>,7.4} Flat(.23)}
#declare k=0; #while(k<9) difference{cylinder{<0,9.6,-16+k*7>,<0,9.6,-15.1+k*7>,7.5} cylinder{<0,9.6,-17+k*7>,<0,9.6,-14+k*7>,6.9} plane{y,9.6} Flat(.03)} #declare k=k+1; #end
difference{ box{<-30,-1,45>,<30,30,47>} cylinder{<0,11.0,44>,<0,11.0,48>,4.6} box{<-1.8,-2,44>,<1.8,4.6,48>} Flat(.46)}
union{ torus{4.6,.30 rotate x*90} torus{1.6,.14 rotate x*90} torus{3.2,.08 rotate x*90} #declare i=0; #while(i<12) Bar(<1.5*cos(i*pi/6),1.5*sin(i*pi/6),0>,<4.6*cos(i*pi/6),4.6*sin(i*pi/6),0>,.11) #declare i=i+1; #end Flat(.03) translate<0,11.0,45>}
box{<-1.8,0,46>,<1.8,4.6,46.2> Flat(.19)}
// Columns: bases, fluted shafts, capitals; a gallery between them and shelves behind.
#macro Column(p) union{
  box{<-.78,0,-.78>,<.78,.45,.78>} torus{.60,.14 translate y*.56} cone{<0,.5,0>,.58,<0,8.2,0>,.47}
  #local i=0; #while(i<16) cylinder{<.57*cos(i*pi/8),.7,.57*sin(i*pi/8)>,<.47*cos(i*pi/8),8.1,.47*sin(i*pi/8)>,.055 Tone(.55)} #local i=i+1; #end
  torus{.50,.09 translate y*8.2} cone{<0,8.2,0>,.50,<0,8.8,0>,.82} box{<-.9,8.75,-.9>,<.9,9.1,.9>}
  translate p Tone(.14)} #end
#declare k=0; #while(k<8) Column(<-6.6,0,-8.5+k*7>) Column(<6.6,0,-8.5+k*7>) #declare k=k+1; #end
box{<-7.6,9.0,-30>,<-5.8,9.75,62> Tone(.30)} box{<5.8,9.0,-30>,<7.6,9.75,62> Tone(.30)}
box{<-13,4.4,-30>,<-9.5,4.7,62> Tone(.05)} box{<9.5,4.4,-30>,<13,4.7,62> Tone(.05)}
#declare k=0; #while(k<46) #declare s=-1; #while(s<2) Bar(<s*9.6,4.7,-14+k*1.6>,<s*9.6,5.7,-14+k*1.6>,.04) #declare s=s+2; #end #declare k=k+1; #end
Bar(<-9.6,5.7,-30>,<-9.6,5.7,62>,.06) Bar(<9.6,5.7,-30>,<9.6,5.7,62>,.06)
box{<-30,0,-30>,<-13,20,62> Tone(.05)} box{<13,0,-30>,<30,20,62> Tone(.05)}
#declare s=-1; #while(s<2) #declare j=0; #while(j<8) box{<s*12.6,.3+j*.52,-30>,<s*13.2,.36+j*.52,62> Tone(.3)} box{<s*12.6,5.0+j*.5,-30>,<s*13.2,5.06+j*.5,62> Tone(.3)} #declare j=j+1; #end #declare s=s+2; #end
// Tables and lamps.
#macro Desk(p) union{ box{<-1.25,.74,-2.6>,<1.25,.82,2.6> Tone(.07)} box{<-1.1,0,-2.4>,<-.95,.74,-2.2>} box{<.95,0,-2.4>,<1.1,.74,-2.2>} box{<-1.1,0,2.2>,<-.95,.74,2.4>} box{<.95,0,2.2>,<1.1,.74,2.4>}
    #local i=-1; #while(i<2) cylinder{<0,.82,i*1.6>,<0,1.22,i*1.6>,.03} cylinder{<0,.82,i*1.6>,<0,.85,i*1.6>,.12}
      #local s=-1; #while(s<2) union{box{<-.22,.40,-.02>,<.22,.44,.02>} box{<-.20,0,-.18>,<-.16,.44,-.14>} box{<.16,0,-.18>,<.20,.44,-.14>} box{<-.22,.40,-.2>,<.22,.45,.22>} box{<-.20,.45,.16>,<-.15,.95,.21>} box{<.15,.45,.16>,<.20,.95,.21>} box{<-.2,.74,.16>,<.2,.93,.21>} rotate y*(s*90) translate<s*1.55,0,i*1.6+Between(-.1,.1)> Tone(.02)} #local s=s+2; #end
    #local i=i+1; #end Tone(.015) translate p}
  #local i=-1; #while(i<2) union{cone{<0,1.16,0>,.34,<0,1.40,0>,.14} translate p+z*i*1.6 Spot(.97)} #local i=i+1; #end #end
#declare k=0; #while(k<7) Desk(<-3.1,0,-6.4+k*7>) Desk(<3.1,0,-6.4+k*7>) #declare k=k+1; #end
// The reader, on the way to a seat, and a hat on the table.
object{Figure(1.74,.002,2) translate<-.35,0,13.5>}
union{cylinder{<0,.82,0>,<0,.84,0>,.2} cone{<0,.83,0>,.12,<0,.98,0>,.10} Tone(.006) translate<-2.3,0,-5.2>} union{box{<-.22,.82,-.3>,<.22,.95,.3>} box{<-.2,.95,-.26>,<.24,1.03,.28> rotate y*9} Tone(.02) translate<-3.5,0,-6.5>}
